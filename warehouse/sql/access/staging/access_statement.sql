-- One row per change of a statement on a model's access: by whom, with what evidence, since when we know it.
-- A page that repeats the statement of the page before it adds no row.
with stated as (
    select
        a.source, a.name, a.developer, a.open, a.evidence, a.licence, a.repo, a.gated, a.written,
        p.url, p.sha256, p.from_night as known_on
    from staging.page_seen p
    join raw.access a on a.source = p.source and a.page_key = p.page_key
    union all by name
    select source, name, developer, open, evidence, licence, repo, gated, written, url, sha256, known_on
    from history.access
),
nightly as (
    select * from stated
    qualify row_number() over (
        partition by source, name, evidence, known_on
        order by open desc nulls last, licence desc, repo desc, gated, url desc, sha256, written desc, developer
    ) = 1
)
select * from nightly
qualify (open, licence, repo, gated) is distinct from lag((open, licence, repo, gated)) over (
    partition by source, name, evidence order by known_on
)
