-- One row per raw name of one source: which model and configuration it stands for.
-- Key: source, name
select
    source,                                                         -- where the name was read
    name,                                                           -- as written there
    model,                                                          -- the model's key; the name itself where unresolved
    variant,                                                        -- configuration stated in the name
    layer,                                                          -- alias | normal form | structure | unresolved
    candidates                                                      -- models an unresolved name may mean, with commas; empty: no idea
from staging.resolved_name
anti join staging.unsupported_name using (source, name)
