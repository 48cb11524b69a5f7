-- One row per stretch of nights on which an address answered with the same readable page.
-- A page that was refused (drifted, hostile) makes no stretch: the page before it stays in force.
with readable as (
    select s.*, p.fingerprint
    from raw.fetch_result s
    join raw.page p on p.source = s.source and p.page_key = s.page_key and p.outcome = 'read'
)
select
    source, url, context, page_key, sha256, fetched_at, night as from_night,
    try_strptime(json_extract_string(headers, '$."last-modified"'), '%a, %d %b %Y %H:%M:%S GMT')::date as modified_on
from readable
qualify page_key is distinct from lag(page_key) over (partition by source, url, context order by night)
