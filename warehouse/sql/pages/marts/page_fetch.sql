-- One row per night and requested address: the result.
-- Key: night, source, url
select
    s.night,                                                        -- UTC date of the run
    s.source,                                                       -- the source
    s.url,                                                          -- live address
    case when s.outcome in ('fresh', 'unchanged') then coalesce(p.outcome, 'read') else s.outcome end as outcome,  -- read | unreachable | blocked | gone | drifted | hostile
    s.status,                                                       -- HTTP status
    s.size,                                                         -- bytes of the body
    s.sha256,                                                       -- of the page in the archive
    s.fetched_at,                                                   -- when these bytes came, UTC
    coalesce(nullif(s.error, ''), p.error, '') as error             -- what was found, expected and to do
from raw.fetch_result s
left join raw.page p on p.source = s.source and p.page_key = s.page_key
