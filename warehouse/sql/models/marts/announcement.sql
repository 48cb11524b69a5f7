-- One row per item of a lab's feed; mirrors of one piece of news share its item.
-- Key: source, lab, guid
-- Latest: where published_on > night() - 30
with named as (
    select source, lab, guid, string_agg(model, ', ' order by model) as models, bool_or(is_release) as is_release
    from input.announced
    group by source, lab, guid
)
select
    a.lab,                                                          -- who announces
    a.guid,                                                         -- the feed's id of the item
    a.item,                                                         -- the piece of news: the same for every mirror of it
    a.title,                                                        -- its title
    a.link,                                                         -- where to read it
    a.published_on,                                                 -- date the feed gives
    coalesce(n.models, '') as models,                               -- the lab's models its title or address names
    coalesce(n.is_release, false) as is_release,                    -- true: it announces one of them
    a.summary,                                                      -- first lines
    a.source,                                                       -- the feed
    a.known_on                                                      -- night since which we know
from staging.announcement_seen a
left join named n on n.source = a.source and n.lab = a.lab and n.guid = a.guid
