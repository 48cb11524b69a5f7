-- One row per model that any source names, with its dates (METHOD section 2); unknown names stand as themselves.
with named as (
    select model, any_value(title order by known desc, title) as title, any_value(developer order by known desc, developer) as developer,
        any_value(family order by known desc, family) as family, bool_or(known) as known, count(*) as names
    from staging.resolved
    group by model
)
select
    model,                                                          -- the model's key
    coalesce(m.title, n.title) as title,                            -- its name for people
    coalesce(m.developer, n.developer) as developer,                -- who made it
    coalesce(m.family, n.family) as family,                         -- family of releases
    m.announced_on,                                                 -- announced
    d.available_on,                                                 -- available by API, or the best we know
    d.available_basis,                                              -- where available_on comes from
    d.weights_on,                                                   -- weights published; NULL: unknown or never
    d.weights_basis,                                                -- where weights_on comes from
    m.hub_repo,                                                     -- Hub repository of the weights
    m.parameters,                                                   -- parameters, total
    coalesce(n.known, true) as known,                               -- false: no rule knows this name
    coalesce(n.names, 0)::integer as names                          -- spellings seen
from seed.model m
full join named n using (model)
left join staging.model_date d using (model)
