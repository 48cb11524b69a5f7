-- One row per decision (`gapindex accept`) and page that it lets in: since which night, and whether by extension.
-- An extended decision goes on for later tables that trip the same gates, until one of the series passes by itself.
with held as (
    select table_no, list_sort(list(distinct gate || ' ' || rule)) as gates
    from staging.gate_outcome where outcome = 'held' and "of" = 'table' group by table_no
),
page as (
    select
        g.*, h.gates,
        max(case when h.table_no is null then g.table_no end) over (
            partition by g.series order by g.table_no rows between unbounded preceding and 1 preceding
        ) as mended_no
    from staging.gate_page g
    left join held h using (table_no)
    where g.own
),
direct as (
    select d.n, d.night, d.extend, d.reason, p.table_no, p.series, p.gates, p.from_night
    from input.override d
    join page p
        on p.gates is not null and (
            (d.sha256 <> '' and starts_with(p.sha256, d.sha256))
            or (
                d.board = p.board and p.from_night <= d.on_night
                and (p.next_night is null or d.on_night < p.next_night)
            )
        )
),
reached as (
    select n, table_no, greatest(night, from_night) as let_in_on, reason, false as extended from direct
    union all
    select d.n, p.table_no, greatest(d.night, p.from_night), d.reason, true
    from direct d
    join page p
        on
            d.extend and p.series = d.series and p.table_no > d.table_no and p.gates is not null
            and list_has_all(d.gates, p.gates) and (p.mended_no is null or p.mended_no < d.table_no)
)
select * from reached
qualify row_number() over (partition by table_no order by let_in_on, n) = 1
