-- One row per page of a board edition and rule that leaves rows out of it (or quarantines them): their share of the
-- page, watched against what is usual there (gate G14).  A parser's list of parts once left out 82 of 228 rows, all the
-- new models, and no gate compares a table with the rows that it lost before it.
with page as (
    select * from staging.gate_page where own and seen > 0
),
left_out as (
    select p.table_no, x.rule, sum(x.rows) as n
    from page p
    join raw.excluded x
        on x.source = p.source and x.page_key = p.page_key and x.board = p.board and x.edition = p.edition
    group by all
    union all
    select table_no, 'quarantined', quarantined from page where quarantined > 0
),
rules as (
    select distinct p.series, l.rule from left_out l join page p using (table_no)
),
shares as (
    select
        p.table_no, r.rule, coalesce(l.n, 0) / p.seen as share,
        median(coalesce(l.n, 0) / p.seen) over (
            partition by p.series, r.rule order by p.table_no rows between 10 preceding and 1 preceding
        ) as usual
    from page p
    join rules r using (series)
    left join left_out l on l.table_no = p.table_no and l.rule = r.rule
)
select
    p.from_night as night, p.source, p.board, p.edition, s.rule as name, 'G14' as gate, 'rows left out' as rule,
    'warned' as outcome, 'rows' as "of", round(s.share - s.usual, 6) as measured, l.rows_left_out as "limit",
    format(
        '{:.0f} % of {} rows are left out as "{}", usually {:.0f} %: is a new kind of row left out?',
        100 * s.share, p.seen, s.rule, 100 * s.usual
    ) as explanation,
    p.from_night as first_on, p.url, p.sha256
from shares s
join page p using (table_no)
cross join staging.gate_limit l
where s.share - s.usual > l.rows_left_out
