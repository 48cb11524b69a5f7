-- One row per night on which a price list was read, changed or not.
select source, listing, known_on as read_on from staging.price_by_source
union
select s.source, regexp_replace(s.url, '\d{4}-\d\d-\d\d', '*', 'g'), s.night
from raw.fetch_result s
where (s.source, s.page_key) in (select (source, page_key) from raw.price)
