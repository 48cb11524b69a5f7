-- One row per incident and component of a provider's status page, as its newest page states it; times in UTC.
-- Key: source, guid
-- Latest: where known_on > night() - 30
with stated as (
    select i.*, p.from_night, p.url, p.sha256
    from staging.page_seen p
    join raw.incident i on i.source = p.source and i.page_key = p.page_key
),
newest as (
    select *, min(from_night) over (partition by source, guid) as known_on
    from stated
    qualify row_number() over (
        partition by source, guid order by from_night desc, url, sha256, started_at, title, ended_at
    ) = 1
),
lab as (
    select distinct lower(unnest(string_split(concat_ws('|', developer, title, spellings), '|'))) as spelling, developer
    from seed.developer
)
select
    n.source,                                                       -- the status page
    n.provider,                                                     -- whose page it is
    l.developer,                                                    -- that provider as a developer of models; NULL: it makes none
    n.guid,                                                         -- the source's own key of incident and component
    n.title,                                                        -- what it says, component in brackets
    n.impact,                                                       -- as the source grades it
    n.started_at,                                                   -- began, UTC
    n.ended_at,                                                     -- ended, UTC; NULL: lasting, or never stated
    n.known_on,                                                     -- night since which we know
    n.url,                                                          -- live address of the page
    n.sha256                                                        -- of the page in the archive
from newest n
left join lab l on l.spelling = lower(n.provider)
