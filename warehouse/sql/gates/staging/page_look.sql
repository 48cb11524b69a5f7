-- One row per page and night on which its site served it whole.
-- An answer that only says "not modified" is no look: a server that holds an older file gives it too.  What waits for a
-- second look waits for a row here, of a later night.
select distinct source, url, page_key, night
from raw.fetch_result
where outcome = 'fresh' and page_key is not null
