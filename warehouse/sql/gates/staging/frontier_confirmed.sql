-- One row per value that was the best of a board edition's closed, open or T1 models when it was first shown, and since
-- when it has been shown twice (gate G10): on two nights, or because the model leads a second operator's board of the
-- same domain.  It makes an event from `confirmed_on` on; NULL: one cell on one night so far, or taken back at once.
with sides as (
    select model, tier from staging.access_span
    where tier <> 'U' and until_on is null
    qualify row_number() over (partition by model order by from_on desc, tier) = 1
),
stated as (
    select
        o.source, b.operator, o.board, o.edition, n.model, o.value, o.page_key, o.known_on, b.domain, a.tier, o.self_reported,
        better_is_more(b.better, o.value) as signed,
        case when b.unit in ('%', 'fraction', 'index') then b.high - b.low else abs(o.value) end as reach,
        lead(o.known_on) over each_value as replaced_on,
        lead(better_is_more(b.better, o.value)) over each_value as signed_next
    from staging.observation o
    join staging.resolved_name n on n.source = o.source and n.name = o.name
    join sides a on a.model = n.model
    join input.board b on b.board = o.board
    window each_value as (
        partition by o.source, o.board, o.edition, o.name, o.variant, o.scored_on order by o.known_on
    )
),
records as (
    select
        *,
        max(case when tier = 'C' then signed end) over before_it as closed_before,
        max(case when tier <> 'C' then signed end) over before_it as open_before,
        max(case when tier = 'T1' then signed end) over before_it as free_before
    from stated
    where not self_reported
    window before_it as (
        partition by board, edition order by known_on, signed desc, model
        rows between unbounded preceding and 1 preceding
    )
),
best as (
    select * from records
    where case tier
        when 'C' then closed_before is null or signed > closed_before
        when 'T1' then free_before is null or signed > free_before or open_before is null or signed > open_before
        else open_before is null or signed > open_before
    end
),
table_again as (
    select
        g.source, g.page_key, g.board, coalesce(a.edition, g.edition) as edition, g.from_night,
        lead(g.from_night) over (partition by g.series order by g.table_no) as next_good_on
    from staging.gate_page g
    join staging.row_count_gate r using (table_no)
    left join (select table_no, any_value(edition) as edition from staging.accepted_table group by table_no) a using (table_no)
    where g.own and r.good
),
sighted as (
    select b.source, b.page_key, b.known_on, min(s.night) as night
    from (select distinct source, page_key, known_on from best) b
    join staging.page_look s
        on
            s.source = b.source and s.page_key = b.page_key and s.night > b.known_on
    group by all
),
shown as (
    select
        b.*,
        case
            when t.source is null then b.known_on + 1
            else least(s.night, t.next_good_on)
        end as shown_on
    from best b
    left join table_again t
        on
            t.source = b.source and t.page_key = b.page_key and t.board = b.board and t.edition = b.edition
            and t.from_night <= b.known_on
    left join sighted s on s.source = b.source and s.page_key = b.page_key and s.known_on = b.known_on
    qualify row_number() over (
        partition by b.board, b.edition, b.model, b.known_on order by b.signed desc, shown_on, b.page_key
    ) = 1
),
leads as (
    select operator, domain, model, min(known_on) as known_on
    from (select * from best qualify row_number() over (partition by board, edition order by signed desc, known_on, model) = 1)
    group by all
),
again as (
    select
        s.*,
        case
            when s.replaced_on is null or s.replaced_on > s.shown_on or s.signed_next >= s.signed - l.median_shift * s.reach
                then s.shown_on
        end as again_on
    from shown s
    cross join staging.gate_limit l
),
seconded as (
    select a.source, a.board, a.edition, a.model, a.known_on, min(greatest(l.known_on, a.known_on)) as second_operator_on
    from again a
    join leads l on l.domain = a.domain and l.model = a.model and l.operator <> a.operator
    group by all
)
select
    a.board, a.edition, a.model, a.value, a.signed, a.known_on, a.replaced_on, a.again_on, s.second_operator_on,
    least(a.again_on, s.second_operator_on) as confirmed_on,
    case
        when s.second_operator_on < coalesce(a.again_on, s.second_operator_on + 1) then 'two operators'
        when a.again_on is not null then 'two nights' else ''
    end as basis
from again a
left join seconded s using (source, board, edition, model, known_on)
