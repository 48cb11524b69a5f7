-- One row per board edition that our own pages have shown on one night only, where another edition of the board was
-- there before: a page that gives its edition another name has no earlier table that the gates G15 and G16 could compare
-- it with, so its board is provisional until a second night shows it (docs/gates.md).
with looks as (
    select a.board, a.edition, max(l.night) as last_on
    from staging.accepted_table a
    join staging.page_look l
        on l.source = a.source and l.url = a.url and l.page_key = a.page_key and l.night >= a.from_night
    where a.held = ''
    group by all
)
select e.board, e.edition, e.first_seen_on
from staging.edition_seen e
join looks l using (board, edition)
where
    l.last_on <= e.first_seen_on
    and exists (from staging.edition_seen o where o.board = e.board and o.first_seen_on < e.first_seen_on)
    and not exists (from staging.rebase r where r.board = e.board and r.opens = e.edition)
