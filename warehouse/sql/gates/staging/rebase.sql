-- One row per night on which a board edition moved all its values at once or took many away without saying so (gate
-- G6).
-- From `night` on its values are a new series; a value last shown before that night belongs to the old one.
-- `confirmed_on` is the first later night on which the board was read and had not moved again; NULL: not yet.
with limits as (
    select
        max("limit") filter (where rule = 'median shift') as shift,
        max("limit") filter (where rule = 'values withdrawn') as withdrawn,
        max("limit") filter (where rule = 'rows compared') as compared
    from seed.gate
),
moved as (
    select
        g.source, g.board, g.edition, s.t, s.series, s.from_night, g.url, g.page_key, s.off_scale or s.off_order as off,
        round(s.shift / s.reach, 6) as shift, s.n_before - s.common as gone, s.n_before,
        coalesce(s.common >= l.compared and s.shift / s.reach > l.shift, false) as shifted,
        coalesce(s.own_before and gone > greatest(2, l.withdrawn * s.n_before), false) as withdrew
    from staging.gate_step s
    join staging.gate_page g using (t)
    cross join limits l
),
still as (
    select t, series, from_night, not(shifted or withdrew or off) as calm from moved
),
tripped as (
    select
        m.*, (
            select min(n.from_night) from still n
            where n.series = m.series and n.t > m.t and n.calm and n.from_night > m.from_night) as next_calm_on, (
            select min(n.from_night) from still n
            where n.series = m.series and n.t > m.t
        ) as next_on
    from moved m
    where (m.shifted or m.withdrew) and not m.off
),
seen_again as (
    select t.t, min(s.night) as again_on
    from tripped t
    join raw.fetch_result s
        on
            s.source = t.source and s.url = t.url and s.page_key = t.page_key and s.night > t.from_night
            and (t.next_on is null or s.night < t.next_on) and s.night <= night()
    group by t.t
)
select
    source, board, edition, from_night as night,
    bool_or(shifted) as shifted, bool_or(withdrew) as withdrew, max(shift) as shift, max(gone) as gone,
    max(n_before) as n_before, min(least(again_on, next_calm_on)) as confirmed_on, min(t) as t,
    row_number() over (partition by source, board, edition order by from_night) + 1 as series
from tripped
left join seen_again using (t)
group by source, board, edition, from_night
