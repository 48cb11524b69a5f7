-- One row per distinct statement on a model's access: by whom, with what evidence, since when we know it.
select
    a.source, a.name, a.developer, a.open, a.evidence, a.licence, a.repo, a.gated, a.written,
    p.url, p.sha256, min(p.from_night) as known_on
from staging.page_seen p
join raw.access a on a.source = p.source and a.page_key = p.page_key
group by all
union all by name
select source, name, developer, open, evidence, licence, repo, gated, written, url, sha256, known_on
from history.access
where known_on <= (select night from seed.night)
qualify row_number() over (
    partition by source, name, open, evidence, licence, repo, gated order by known_on, url, sha256, written) = 1
