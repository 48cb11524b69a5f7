-- One row per instrument of the composite: a board edition that counts for the index and whose scores have a range.
-- The group says which instruments measure the same thing twice: the seed's, else the board's own editions.
select distinct
    p.board, p.edition, b.domain, coalesce(g."group", p.board) as "group", b.operator
from staging.score_interval p
join input.board b using (board)
left join seed.instrument_group g using (board)
where p.share is not null and b.counts_for_index and not b.composite
