-- One row per item of a lab's feed.
with said as (
    select a.lab, a.guid, a.title, a.link, a.published_on, a.summary, a.source, p.from_night as known_on
    from staging.page_seen p
    join raw.announcement a on a.source = p.source and a.page_key = p.page_key
    union all by name
    select lab, guid, title, link, published_on, summary, source, known_on
    from history.announcement where known_on <= (select night from seed.night)
)
select
    lab,                                                            -- who announces
    guid,                                                           -- the feed's id of the item
    arg_max(title, (known_on, title)) as title,                     -- its title
    arg_max(link, (known_on, link)) as link,                        -- where to read it
    min(published_on) as published_on,                              -- date the feed gives
    arg_max(summary, (known_on, summary)) as summary,               -- first lines
    source,                                                         -- the feed
    min(known_on) as known_on                                       -- night since which we know
from said
group by lab, guid, source
