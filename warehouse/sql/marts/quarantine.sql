-- One row per row, table or page that was held back in what the night knows, as its source wrote it.
select
    q.source,                                                       -- the source
    q.board,                                                        -- the board
    q.edition,                                                      -- its edition
    'row' as held,                                                  -- row | table | page
    q.name,                                                         -- the name as written
    q.field,                                                        -- the field that could not be believed
    q.found,                                                        -- what stood there
    q.expected,                                                     -- what was expected
    q.written,                                                      -- the row as its source wrote it
    p.url,                                                          -- live address of the page
    p.sha256,                                                       -- of the page in the archive
    p.from_night as known_on                                        -- night on which it was held
from staging.page_seen p
join raw.quarantined q on q.source = p.source and q.page_key = p.page_key
union all by name
select source, board, edition, 'table' as held, '' as name, 'rows' as field, held as found,
    'a whole table' as expected, '' as written, url, sha256, from_night as known_on
from staging.table_seen where held <> ''
union all by name
select g.source, '' as board, '' as edition, 'page' as held, '' as name, g.outcome as field, g.error as found,
    'a page in the shape the parser knows' as expected, '' as written, g.url, g.sha256, min(s.night) as known_on
from raw.page g
join raw.sighting s on s.source = g.source and s.page_key = g.page_key and s.night <= (select night from seed.night)
where g.outcome <> 'read'
group by all
