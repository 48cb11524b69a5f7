-- One row per piece of news and model it names, mirrors joined: whether it announces the model, and by which rule.
-- Key: lab, item, model
select
    lab,                                                            -- who announces
    item,                                                           -- the piece of news
    model,                                                          -- the model's key
    is_release,                                                     -- true: it announces the model; false: it only mentions it
    rule,                                                           -- opening word | release word | name alone | address | mentioned
    title,                                                          -- its title
    link,                                                           -- where to read it
    published_on,                                                   -- earliest date a mirror gives; NULL: none does
    n_feeds,                                                        -- feeds that carry it
    source,                                                         -- the first of them
    known_on                                                        -- night since which we know
from staging.announced_release
