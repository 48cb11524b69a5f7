-- One row per night on which a board edition moved all its values at once or took many away without saying so (gate G6).
-- Where it moved its values, or took away more than the share of its rows that may go, another edition begins: `closes`
-- is the one in force before, `opens` the one from `night` on, named by it (METHOD section 1); equal where only a few
-- rows went.  Ratings drift together by a few points from week to week, which is no other scale; on any other board most
-- values moving by more than their rounding is one, however little they move: a part of an index was re-based.
-- `confirmed_on` is the first later night on which the board was read and had not moved again; NULL: not yet.
with precision as (
    select table_no, max(list_min(list_filter([0, 1, 2, 3, 4, 5], lambda d: round(signed, d) = signed))) as digits
    from staging.gate_value group by table_no
),
partial as (
    select
        s.table_no,
        count(*) filter (
            where abs(v.signed - b.signed) > 0.51 * 10.0 ** -least(coalesce(p.digits, 6), coalesce(o.digits, 6))
        ) / count(*) as share
    from staging.gate_step s
    join staging.gate_value v on v.table_no = s.table_no
    join staging.gate_value b on b.table_no = s.earlier_no and b.row_key = v.row_key
    join precision p on p.table_no = s.table_no
    join precision o on o.table_no = s.earlier_no
    group by s.table_no
),
lost as (
    -- What is worse than every row of the table fell off the end of a list of the best: Arena's show 10 to 50 rows, from
    -- night to night another number, and no scale of theirs ended with it.
    select s.table_no, count(*) as gone
    from staging.gate_step s
    join staging.gate_value b on b.table_no = s.earlier_no
    join (select table_no, min(signed) as worst from staging.gate_value group by table_no) e on e.table_no = s.table_no
    where b.signed >= e.worst and b.row_key not in (select v.row_key from staging.gate_value v where v.table_no = s.table_no)
    group by s.table_no
),
moved as (
    select
        g.source, g.board, g.edition, s.table_no, s.series, s.from_night, g.url, g.page_key, s.off_scale or s.off_order as off,
        round(s.shift / s.reach, 6) as shift, coalesce(o.gone, 0) as gone, s.n_before,
        coalesce(s.common >= l.rows_compared and (
            s.shift / s.reach > l.median_shift
            or s.own_before and g.unit <> 'rating' and a.share > l.values_moved
        ), false) as shifted,
        coalesce(s.own_before and gone > greatest(2, l.values_withdrawn * s.n_before), false) as withdrew,
        shifted and (g.unit <> 'rating' or s.shift > l.rating_shift)
        or withdrew and gone > l.rows_withdrawn * s.n_before as opens_edition
    from staging.gate_step s
    join staging.gate_page g using (table_no)
    left join partial a using (table_no)
    left join lost o using (table_no)
    cross join staging.gate_limit l
),
still as (
    select table_no, series, from_night, not(shifted or withdrew or off) as calm from moved
),
tripped as (
    select
        m.*, (
            select min(n.from_night) from still n
            where n.series = m.series and n.table_no > m.table_no and n.calm and n.from_night > m.from_night) as next_calm_on, (
            select min(n.from_night) from still n
            where n.series = m.series and n.table_no > m.table_no
        ) as next_on
    from moved m
    where (m.shifted or m.withdrew) and not m.off
),
seen_again as (
    select t.table_no, min(s.night) as again_on
    from tripped t
    join staging.page_look s
        on
            s.source = t.source and s.url = t.url and s.page_key = t.page_key and s.night > t.from_night
            and (t.next_on is null or s.night < t.next_on)
    group by t.table_no
),
nightly as (
    select
        source, board, edition, from_night as night,
        bool_or(shifted) as shifted, bool_or(withdrew) as withdrew, max(shift) as shift, max(gone) as gone,
        max(n_before) as n_before, min(least(again_on, next_calm_on)) as confirmed_on, min(table_no) as table_no,
        bool_or(opens_edition) as opens_edition
    from tripped
    left join seen_again using (table_no)
    group by source, board, edition, from_night
),
named as (
    select
        * exclude (opens_edition),
        row_number() over each_edition + 1 as series,
        case
            when opens_edition
                then if(edition = 'current', '', edition || ' from ') || strftime(night, '%Y-%m-%d')
        end as opened
    from nightly
    window each_edition as (partition by source, board, edition order by night)
)
select
    * exclude (opened),
    coalesce(last_value(opened ignore nulls) over (
        each_edition rows between unbounded preceding and 1 preceding
    ), edition) as closes,
    coalesce(last_value(opened ignore nulls) over (
        each_edition rows between unbounded preceding and current row
    ), edition) as opens
from named
window each_edition as (partition by source, board, edition order by night)
