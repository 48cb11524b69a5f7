-- One row per board edition: how many rows of its newest accepted tables do not count, by rule, as one text.
with newest as (
    select source, board, edition, page_edition, page_key from staging.accepted_table
    where held = ''
    qualify row_number() over (
        partition by source, board, edition, address order by from_night desc, url desc, page_key desc
    ) = 1
),
rules as (
    select n.board, n.edition, x.rule, sum(x.rows)::bigint as n
    from newest n
    join raw.excluded x
        on x.source = n.source and x.page_key = n.page_key and x.board = n.board and x.edition = n.page_edition
    where x.rule not in ('not scored', 'no value')
    group by all
    union all
    select
        n.board, n.edition, if(r.self_reported, 'self-reported', 'name not resolved') as rule, count(*) as n
    from newest n
    join raw.score r
        on r.source = n.source and r.page_key = n.page_key and r.board = n.board and r.edition = n.page_edition
    left join staging.resolved_name m on m.source = r.source and m.name = r.name
    where r.self_reported or not coalesce(m.known, false)
    group by all
    union all
    select n.board, n.edition, 'quarantined', count(*)
    from newest n
    join raw.quarantined q
        on q.source = n.source and q.page_key = n.page_key and q.board = n.board and q.edition = n.page_edition
    group by all
)
select board, edition, string_agg(concat(n, ' ', rule), '; ' order by n desc, rule) as left_out
from rules
group by all
