-- One row per configuration and stretch of nights on which the newest accepted table no longer shows it: from
-- `gone_since` until `back_on` (NULL: still gone) it counts for nothing; its values are kept.
-- A row that is quarantined or held by a gate is still shown.  One in the newest table of any other address is not
-- withdrawn either: lists of several pages move their rows about.  A board that cannot be read withdraws nothing, and
-- neither does a list of the best: one that is worse than every row of it fell off its end.
with series as (
    select
        p.source, g.place, p.board, p.edition, p.page_edition, p.page_key, p.from_night, g.better,
        lead(p.from_night) over (
            partition by p.source, g.place, p.board, p.edition order by p.from_night, p.url, p.page_key
        ) as next_night
    from staging.accepted_table p
    join staging.gate_page g using (table_no)
    where p.held = ''
),
shown as (
    select s.*, r.name, r.variant, better_is_more(s.better, r.value) as signed
    from series s
    join raw.score r
        on r.source = s.source and r.page_key = s.page_key and r.board = s.board and r.edition = s.page_edition
),
remembered as (
    select
        s.source, s.place, h.board, h.edition, h.name, h.variant, h.first_on as from_night,
        min(s.from_night) filter (where s.from_night > h.last_on) as next_night, any_value(h.signed) as signed
    from (
        select
            h.source, h.board, h.edition, h.name, h.variant,
            regexp_replace(h.url, '[0-9]{4}([-_/]?[0-9]{2}){0,2}', '#', 'g') as place,
            min(h.known_on) as first_on, max(h.known_on) as last_on,
            arg_max(better_is_more(b.better, h.value), h.known_on) as signed
        from history.score h
        join input.board b using (board)
        group by all
    ) h
    join series s using (source, place, board, edition)
    group by all
),
present as (
    select source, board, edition, name, variant, from_night, next_night, signed from remembered
    union all
    select source, board, edition, name, variant, from_night, next_night, max(signed) from shown group by all
    union all
    -- A row that is set aside has no value, and its configuration is not always read: it stands for all of its name.
    select distinct s.source, s.board, s.edition, e.name, e.variant, s.from_night, s.next_night, null::double
    from series s
    join raw.quarantined q
        on q.source = s.source and q.page_key = s.page_key and q.board = s.board and q.edition = s.page_edition
    join (
        select distinct source, board, edition, name, variant from shown
        union
        select source, board, edition, name, variant from remembered
    ) e on e.source = q.source and e.board = q.board and e.edition = s.edition and e.name = q.name
),
gaps as (
    select
        * exclude (from_night, next_night),
        max(coalesce(next_night, date '9999-12-31')) over up_to as gone_since,
        lead(from_night) over each_row as back_on,
        last_value(signed ignore nulls) over up_to as last_signed
    from present
    window
        each_row as (
            partition by source, board, edition, name, variant order by from_night, next_night nulls last, signed
        ),
        up_to as (
            partition by source, board, edition, name, variant order by from_night, next_night nulls last, signed
            rows between unbounded preceding and current row
        )
    qualify gone_since < date '9999-12-31' and (back_on is null or back_on > gone_since)
),
ends as (
    select source, board, edition, from_night, min(signed) as worst from shown group by all
)
select g.source, g.board, g.edition, g.name, g.variant, g.gone_since, g.back_on
from gaps g
left join ends e
    on e.source = g.source and e.board = g.board and e.edition = g.edition and e.from_night = g.gone_since
where e.worst is null or g.last_signed is null or g.last_signed >= e.worst
