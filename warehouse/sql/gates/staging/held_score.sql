-- One row per configuration in a good table that is held for a night: its value jumped (gate G7), it stands there twice
-- with two values where it had one (G5), its date is yet to come (G9), it is part of a change of its model on many
-- boards of one operator (G15), or it is new and would lead or does not suit its model (G16).  Shown again on a later
-- night it counts from then on: `believed_on`, NULL while it was not.
with stepped as (
    select
        s.table_no, s.earlier_no, s.series, s.reach, s.from_night, g.source, g.board, g.edition, g.url, g.page_key, g.sha256, g.better,
        r.before_no as before_earlier_no, lag(p.table_no) over (partition by p.series order by p.table_no) as shown_no, g.next_night
    from staging.gate_page p
    left join staging.gate_step s using (table_no)
    left join staging.gate_page g using (table_no)
    left join staging.row_count_gate r on r.table_no = s.earlier_no
),
compared as (
    select s.*, v.row_key, v.name, v.variant, v.scored_on, v.signed, b.signed as signed_before, v.spread, b.spread as spread_before
    from stepped s
    join staging.gate_step k using (table_no)
    cross join staging.gate_limit l
    join staging.gate_value v on v.table_no = s.table_no
    join staging.gate_value b on b.table_no = s.earlier_no and b.row_key = v.row_key
    where
        not k.off_scale and not k.off_order
        and (k.common < l.rows_compared or k.shift <= l.median_shift * k.reach)
        and (
            abs(v.signed - b.signed) > l.single_jump * s.reach
            or (k.own_before and v.spread > l.contradiction * s.reach and b.spread <= l.contradiction * s.reach)
        )
),
strange as (
    select c.*, case when abs(signed - signed_before) > l.single_jump * reach then 'G7' else 'G5' end as gate
    from compared c
    cross join staging.gate_limit l
    where not exists (
        select 1 from staging.gate_value e
        where
            (e.table_no = c.before_earlier_no or e.table_no = c.shown_no) and e.table_no <> c.earlier_no and e.row_key = c.row_key
            and abs(e.signed - c.signed) <= l.single_jump * c.reach
    )
),
early as (
    select
        g.table_no, g.from_night, g.source, g.board, g.edition, g.url, g.page_key, g.sha256, g.better, g.next_night,
        v.row_key, v.name, v.variant, v.scored_on, v.signed, null::double as signed_before, 'G9' as gate
    from staging.gate_page g
    cross join staging.gate_limit l
    join staging.gate_value v on v.table_no = g.table_no and v.scored_on > g.from_night + l.days_ahead
    where g.own
),
together as (
    select
        g.table_no, g.from_night, g.source, g.board, g.edition, g.url, g.page_key, g.sha256, g.better, g.next_night,
        v.row_key, v.name, v.variant, v.scored_on, v.signed, b.signed as signed_before, 'G15' as gate
    from staging.operator_change c
    join staging.gate_page g using (table_no)
    join staging.gate_step s using (table_no)
    join staging.gate_value v using (table_no)
    join staging.resolved_name n on n.source = v.source and n.name = v.name and n.model = c.model
    left join staging.gate_value b on b.table_no = s.earlier_no and b.row_key = v.row_key
    where b.signed is distinct from v.signed
),
fresh as (
    select
        g.table_no, g.from_night, g.source, g.board, g.edition, g.url, g.page_key, g.sha256, g.better, g.next_night,
        r.row_key, v.name, v.variant, v.scored_on, v.signed, null::double as signed_before, 'G16' as gate
    from staging.new_row r
    join staging.gate_page g using (table_no)
    join staging.gate_value v using (table_no, row_key)
    where r.leads or r.beats_more
),
every as (
    select * exclude (series, earlier_no, reach, before_earlier_no, shown_no, spread, spread_before) from strange
    union all by name
    select * from early
    union all by name
    select * from together
    union all by name
    select * from fresh
),
again as (
    select e.table_no, e.row_key, min(s.night) as night
    from every e
    cross join staging.gate_limit l
    join staging.page_look s
        on
            s.source = e.source and s.url = e.url and s.page_key = e.page_key and s.night > e.from_night
            and (e.next_night is null or s.night < e.next_night)
            and (e.gate <> 'G9' or s.night + l.days_ahead >= e.scored_on)
    group by all
),
decided as (
    select e.table_no, min(d.night) as night
    from (select distinct table_no, sha256, board, from_night, next_night from every) e
    join input.override d
        on
            (d.sha256 <> '' and starts_with(e.sha256, d.sha256))
            or (d.board = e.board and e.from_night <= d.on_night and (e.next_night is null or d.on_night < e.next_night))
    group by e.table_no
)
select
    e.table_no, e.row_key, e.gate, e.source, e.board, e.edition, e.name, e.variant, e.scored_on, e.url, e.page_key, e.sha256, e.from_night,
    better_is_more(e.better, e.signed) as value,
    better_is_more(e.better, e.signed_before) as value_before,
    least(a.night, case when d.night is not null then greatest(d.night, e.from_night) end) as believed_on
from every e
left join again a on a.table_no = e.table_no and a.row_key = e.row_key
left join decided d on d.table_no = e.table_no
qualify row_number() over (partition by e.table_no, e.row_key order by e.gate desc) = 1
