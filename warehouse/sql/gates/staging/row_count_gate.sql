-- One row per table of `staging.gate_page`: whether it is long enough, and the good table before it.
-- A table is measured against the longest since the last fortnight without a cut, so that a board that is cut to
-- 20, 30 or 50 rows from night to night is not accepted, and one that shrank once is, after a fortnight.
-- Tables longer than two months old no longer count: the longest of the short ones is then the measure.
-- A cut removes one end of the list, by value, name or age; rows missing from all over the list were withdrawn, and a
-- list that still has all its names only stopped repeating them.  A list that lacks only its worst rows is a list of the
-- best, whole by its own account where the table before was one too, or was not read by us: what fell off its end stays
-- as last seen (`staging.withdrawn_score`).  Arena's boards show 10 to 70 rows from night to night, and webdev's stood
-- still for eleven weeks while such lists were held; the skeleton of a page that is still loading has its best rows for
-- one night.
with stepped as (
    select
        g.table_no, g.series, g.from_night, g.seen, not lag(g.own) over one_series as first_read,
        lag(g.seen) over one_series as seen_before,
        g.seen < l.rows_expected * g.min_rows as too_few,
        g.quarantined > greatest(1, l.rows_unbelievable * g.seen) as unbelievable
    from staging.gate_page g
    cross join staging.gate_limit l
    window one_series as (partition by g.series order by g.table_no)
),
dropped as (
    select
        s.*,
        max(case when seen < floor(l.rows_kept * seen_before) then from_night end) over (
            partition by series order by table_no
        ) as last_drop,
        max(seen_before) over (
            partition by series order by from_night range between interval 13 days preceding and current row
        ) as fortnight
    from stepped s
    cross join staging.gate_limit l
),
calmed as (
    select d.*, coalesce(from_night >= last_drop + l.nights_believed_after, true) as calm
    from dropped d
    cross join staging.gate_limit l
),
grouped as (
    select *, count(*) filter (where calm) over (partition by series order by table_no) as stretch from calmed
),
measured as (
    select
        g.* exclude (remembered), max(greatest(seen, case when calm then fortnight end)) over (
            partition by series, stretch order by from_night
            range between remembered preceding and current row
        ) as longest
    from (select grouped.*, to_days(l.nights_remembered) as remembered from grouped cross join staging.gate_limit l) g
),
short as (
    select m.table_no, m.series, m.longest, max(u.table_no) as longest_no
    from measured m
    cross join staging.gate_limit l
    join measured u on u.series = m.series and u.table_no < m.table_no and u.seen = m.longest
    where m.seen < floor(l.rows_kept * m.longest)
    group by all
),
aged as (
    select g.series, v.name, min(v.table_no) as first_no
    from staging.gate_value v
    join staging.gate_page g using (table_no)
    where g.series in (select series from short)
    group by all
),
placed as (
    select
        s.table_no,
        v.name not in (select n.name from staging.gate_value n where n.table_no = s.table_no) as missing,
        count(*) over (partition by s.table_no) as n,
        row_number() over (partition by s.table_no order by v.signed desc, v.name, v.variant, v.scored_on) as by_value,
        row_number() over (partition by s.table_no order by v.name, v.variant, v.scored_on) as by_name,
        row_number() over (partition by s.table_no order by a.first_no, v.name, v.variant, v.scored_on) as by_age
    from short s
    join staging.gate_value v on v.table_no = s.longest_no
    join aged a on a.series = s.series and a.name = v.name
),
gone as (
    select *, count(*) filter (where missing) over (partition by table_no) as m from placed
),
ends as (
    select
        table_no, max(m) / max(n) as missing_share, greatest(
            count(*) filter (where missing and by_value <= m), count(*) filter (where missing and by_value > n - m),
            count(*) filter (where missing and by_name <= m), count(*) filter (where missing and by_name > n - m),
            count(*) filter (where missing and by_age <= m), count(*) filter (where missing and by_age > n - m)
        ) / greatest(1, max(m)) as end_share,
        count(*) filter (where missing and by_value > n - m) / greatest(1, max(m)) as worst_share
    from gone
    group by table_no
),
best as (
    select
        m.table_no, coalesce(
            m.seen < floor(l.rows_kept * m.longest) and e.missing_share > 1 - l.rows_kept and e.worst_share >= l.list_of_the_best, false
        ) as a_list_of_the_best
    from measured m
    cross join staging.gate_limit l
    left join ends e using (table_no)
),
judged as (
    select
        m.table_no, m.series, m.from_night, m.seen, m.too_few, m.unbelievable, m.longest, m.last_drop, e.missing_share, e.end_share, e.worst_share,
        m.seen < floor(l.rows_kept * m.longest) as shorter,
        b.a_list_of_the_best and coalesce(
            m.first_read or lag(b.a_list_of_the_best) over (partition by m.series order by m.table_no), false
        ) as of_the_best,
        shorter and not of_the_best and coalesce(
            e.missing_share > 1 - l.rows_kept
            and (m.longest - m.seen > l.rows_withdrawn * m.longest or e.end_share >= l.end_of_the_list), true
        ) as cut
    from measured m
    cross join staging.gate_limit l
    join best b using (table_no)
    left join ends e using (table_no)
)
select
    *,
    not(too_few or unbelievable or cut) as good,
    last_value(case when good then table_no end ignore nulls) over (
        partition by series order by table_no rows between unbounded preceding and 1 preceding
    ) as before_no
from judged
