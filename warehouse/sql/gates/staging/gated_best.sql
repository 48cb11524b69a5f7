-- One row per page of a board edition of whose ten best rows, as the page ranks them, more are left out by a rule than
-- is usual there (gate G14).  A rule that drops a tenth of a page is noticed by its share; one that drops only the newest
-- and best models moves the share little and the board's leaders all the more.
with page as (
    select p.*, b.better
    from staging.gate_page p
    join input.board b using (board)
    where p.own and p.seen >= 20
),
shown as (
    select p.table_no, '' as rule, s.name, better_is_more(p.better, s.value) as score
    from page p
    join raw.score s on s.source = p.source and s.page_key = p.page_key and s.board = p.board and s.edition = p.edition
    union all
    select p.table_no, x.rule, x.name, better_is_more(p.better, x.value)
    from page p
    join raw.excluded_value x
        on x.source = p.source and x.page_key = p.page_key and x.board = p.board and x.edition = p.edition
),
best as (
    from shown qualify row_number() over (partition by table_no order by score desc, rule, name) <= 10
),
counted as (
    select
        table_no, count(*) filter (where rule <> '') as n,
        string_agg(format('{} ({})', name, rule), ', ' order by score desc, name) filter (where rule <> '') as names
    from best group by table_no
),
usual as (
    select
        c.table_no, c.n, c.names,
        median(c.n) over (partition by p.series order by p.table_no rows between 10 preceding and 1 preceding) as usual
    from counted c
    join page p using (table_no)
)
select
    p.from_night as night, p.source, p.board, p.edition, '' as name, 'G14' as gate, 'best kept' as rule,
    'warned' as outcome, 'rows' as "of", (u.n - u.usual)::double as measured, l.best_kept as "limit",
    format('{} of the ten best rows are left out, usually {:.0f}: {}', u.n, u.usual, u.names) as explanation,
    p.from_night as first_on, p.url, p.sha256
from usual u
join page p using (table_no)
cross join staging.gate_limit l
where u.n - u.usual >= l.best_kept
