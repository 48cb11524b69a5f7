-- One row per page of a board edition that the gates judge: its rows, values and names in numbers.
with spread as (
    select table_no, count(*) as n, max(abs(signed)) as largest
    from staging.gate_value group by table_no
),
names as (
    select v.table_no, count(distinct v.name) as names, count(distinct v.name) filter (where not n.known) as unknown
    from staging.gate_value v
    join staging.resolved_name n on n.source = v.source and n.name = v.name
    group by v.table_no
),
dated as (
    select
        g.table_no, max(g.stated_on) filter (where r.good and g.stated_on <= g.from_night + 1) over (
            partition by g.series order by g.table_no rows between unbounded preceding and 1 preceding
        ) as stated_before
    from staging.gate_page g
    join staging.row_count_gate r using (table_no)
)
select
    g.*, r.longest, r.too_few, r.unbelievable, r.cut, r.shorter, r.of_the_best, r.good, s.n, s.largest,
    n.names, n.unknown, d.stated_before
from staging.gate_page g
join staging.row_count_gate r using (table_no)
left join spread s using (table_no)
left join names n using (table_no)
left join dated d using (table_no)
where g.own
