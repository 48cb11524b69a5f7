-- One row per dated event of a model as one source reports it under one name: every statement is kept.
-- Key: model, event, source, name, variant, happened_on, known_on
select
    n.model,                                                        -- the model's key
    r.event,                                                        -- announced | api | weights | released | listed
    r.happened_on,                                                         -- the date
    r.source,                                                       -- who reports it
    r.name,                                                         -- the name as written
    n.variant,                                                      -- configuration stated in the name, empty where plain
    r.known_on,                                                     -- night since which we know
    r.url,                                                          -- live address of the page
    r.sha256                                                        -- of the page in the archive
from staging.release_fact r
join staging.resolved_name n on n.source = r.source and n.name = r.name
