-- One row per good table with a good one before it: how its values moved against that one.
-- A power of ten in the median ratio is another scale, another order of the models another column.
-- Tables between two such breaks are a run; a run that goes back to what stood before the last one is a return.
with spread as (
    select table_no, count(*) as n, max(signed) - min(signed) as spread, max(signed) as best
    from staging.gate_value group by table_no
),
page as (
    select
        g.table_no, g.series, g.from_night, g.own, r.before_no, s.n, s.best, g.unit, g.low, g.high,
        case when g.unit in ('%', 'fraction', 'index') then g.high - g.low else s.spread end as reach
    from staging.gate_page g
    join staging.row_count_gate r using (table_no)
    join spread s using (table_no)
    where r.good
),
moved as (
    select
        p.table_no, p.before_no as earlier_no, count(*) as common,
        median(abs(v.signed - b.signed)) as shift,
        median(v.signed / b.signed) filter (where b.signed <> 0) as ratio,
        round(corr(v.signed, b.signed), 6) as kept_order
    from page p
    join staging.gate_value v on v.table_no = p.table_no
    join staging.gate_value b on b.table_no = p.before_no and b.row_key = v.row_key
    group by all
),
stated as (
    select
        p.table_no, p.series, p.from_night, p.before_no as earlier_no, p.n, b.n as n_before, b.own as own_before, b.reach,
        coalesce(m.common, 0) as common, m.shift, m.kept_order,
        case when m.ratio > 0 then round(log10(m.ratio))::integer else 0 end as tens,
        m.ratio
    from page p
    left join page b on b.table_no = p.before_no
    left join moved m on m.table_no = p.table_no
),
broken as (
    select
        t.*,
        coalesce(t.common >= l.rows_compared and tens <> 0 and abs(ratio / 10 ** tens - 1) <= l.scale_step, false) as rescaled,
        coalesce(t.common >= l.rows_compared and t.shift > l.median_shift * reach and kept_order < l.order_kept, false)
        and not rescaled as reordered
    from stated t
    cross join staging.gate_limit l
),
runs as (
    select *, count(*) filter (where rescaled or reordered) over (partition by series order by table_no) as run from broken
),
ends as (
    select
        series, run, min(table_no) as first_no, max(table_no) as last_no, min(from_night) as run_from,
        bool_or(rescaled) as rescaled
    from runs group by all
),
returned as (
    select
        e.series, e.run, b.last_no as earlier_no,
        median(abs(v.signed - w.signed)) as shift,
        median(v.signed / w.signed) filter (where w.signed <> 0) as ratio,
        round(corr(v.signed, w.signed), 6) as kept_order
    from ends e
    join ends b on b.series = e.series and b.run = e.run - 2
    join staging.gate_value v on v.table_no = e.first_no
    join staging.gate_value w on w.table_no = b.last_no and w.row_key = v.row_key
    group by all
),
chained as (
    select
        e.*, r.earlier_no as return_no, r.shift as return_shift,
        coalesce(r.kept_order >= l.order_kept and round(log10(greatest(r.ratio, 1e-9))) = 0, false) as back
    from ends e
    left join returned r using (series, run)
    cross join staging.gate_limit l
),
believed as (
    select
        *,
        coalesce(last_value(case when not back then run end ignore nulls) over (
            partition by series, run % 2 order by run
        ) = 0, false) as known_level
    from chained
)
select
    r.table_no, r.series, r.from_night, b.known_level or r.run = 0 as known_level,
    case when r.rescaled or r.reordered then coalesce(b.return_no, r.earlier_no) else r.earlier_no end as earlier_no,
    r.n, r.n_before, r.own_before, r.reach, r.common, r.tens, r.ratio, r.kept_order,
    case when b.known_level and b.first_no = r.table_no then b.return_shift else r.shift end as shift,
    not (b.known_level or r.run = 0) and b.rescaled as off_scale,
    not (b.known_level or r.run = 0) and not b.rescaled and r.from_night < b.run_from + l.nights_believed_after as off_order
from runs r
join believed b on b.series = r.series and b.run = r.run
cross join staging.gate_limit l
