-- One row per decision of the operator and table it names: whether it is in force, has expired or holds nothing.
select
    d.night, b.source, coalesce(g.board, d.board) as board, g.edition, 'decision' as gate, 'accept' as rule,
    case when g.table_no is null or later.table_no is not null then 'pass' else 'warned' end as outcome, 'table' as "of",
    case
        when g.table_no is null then 'nothing that is held: ' when later.table_no is not null
            then format('expired on {}, when a table passed by itself: ', later.from_night)
        else 'in force: '
    end
    || d.reason as explanation,
    g.from_night as first_on, g.url, coalesce(g.sha256, d.sha256) as sha256
from input.override d
left join (
    select n, p.table_no, p.board, p.edition, p.from_night, p.url, p.sha256, p.series
    from staging.gate_override join staging.gate_page p using (table_no) where not extended
) g on g.n = d.n
left join input.board b on b.board = coalesce(g.board, d.board)
left join (
    select series, table_no, from_night from staging.gate_page
    where own and table_no not in (select table_no from staging.gate_outcome where outcome = 'held' and "of" = 'table')
) later on later.series = g.series and later.table_no > g.table_no
qualify row_number() over (partition by d.n, g.table_no order by later.table_no) = 1
