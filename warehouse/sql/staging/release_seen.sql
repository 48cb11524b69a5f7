-- One row per dated event of a model as one source tells it, with the night we first knew.
select r.source, r.name, r.developer, r.event, r."on", r.written, p.url, p.sha256, min(p.from_night) as known_on
from staging.page_seen p
join raw.release r on r.source = p.source and r.page_key = p.page_key
group by all
union all by name
select source, name, developer, event, "on", written, url, sha256, known_on
from history.release
where known_on <= (select night from seed.night)
qualify row_number() over (
    partition by source, name, event, "on" order by known_on, url, sha256, written) = 1
