-- One row per change of a quantity one source states about a model, under one name: sources are kept side by side.
-- Key: model, quantity, source, name, variant, value, known_on, url
select
    n.model,                                                        -- the model's key
    s.quantity,                                                     -- parameters | active_parameters | context_tokens | training_flop
    s.source,                                                       -- who states it
    s.name,                                                         -- the name as written
    n.variant,                                                      -- configuration stated in the name, empty where plain
    s.value,                                                        -- the quantity: a count, tokens or FLOP
    s.known_on,                                                     -- night since which we know
    s.url,                                                          -- live address of the page
    s.sha256                                                        -- of the page in the archive
from staging.spec_fact s
join staging.resolved_name n on n.source = s.source and n.name = s.name
