-- One row per page, board and edition: how many rows were seen, accepted, excluded and quarantined.
select
    t.source, t.page_key, t.board, t.edition,
    sum(t.rows) as seen,
    max(t.updated_on) as updated_on,
    (
        select count(*) from raw.score s
        where s.source = t.source and s.page_key = t.page_key and s.board = t.board and s.edition = t.edition
    ) as accepted,
    (
        select count(*) from raw.quarantined q
        where q.source = t.source and q.page_key = t.page_key and q.board = t.board and q.edition = t.edition
    ) as quarantined,
    (
        select coalesce(sum(x.rows), 0) from raw.excluded x
        where x.source = t.source and x.page_key = t.page_key and x.board = t.board and x.edition = t.edition
    ) as excluded
from raw.tally t
group by all
