-- One row per item of a lab's feed.
select
    lab,                                                            -- who announces
    guid,                                                           -- the feed's id of the item
    any_value(title order by from_night desc, title) as title,      -- its title
    any_value(link order by from_night desc, link) as link,         -- where to read it
    min(published_on) as published_on,                              -- date the feed gives
    any_value(summary order by from_night desc, summary) as summary, -- first lines
    a.source,                                                       -- the feed
    min(from_night) as known_on                                     -- night since which we know
from staging.page_seen p
join raw.announcement a on a.source = p.source and a.page_key = p.page_key
group by lab, guid, a.source
