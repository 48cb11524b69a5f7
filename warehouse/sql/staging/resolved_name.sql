-- One row per raw name of one source, with the model it stands for.
-- A name nobody knows stays visible as itself: its model is the name as written, and it is marked so.
select
    source, name,
    coalesce(nullif(model, ''), name) as model,
    coalesce(nullif(title, ''), name) as title,
    developer, family, variant, layer, candidates,
    layer <> 'unresolved' as known
from seed.resolution
