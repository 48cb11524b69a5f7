-- One row per model that any source names, with its dates (METHOD section 2); an unknown name is a model of its own.
-- Key: model
with spec as (
    select
        model,
        max(value) filter (where quantity = 'parameters') as parameters,
        max(source) filter (where quantity = 'parameters') as parameters_source,
        max(value) filter (where quantity = 'context_tokens') as context_tokens,
        max(value) filter (where quantity = 'training_flop') as training_flop
    from staging.spec_by_source where place = 1
    group by model
)
select
    model,                                                          -- the model's key
    coalesce(m.title, n.title) as title,                            -- its name for people
    coalesce(m.developer, n.developer) as developer,                -- who made it
    coalesce(v.country, '') as country,                             -- country of the developer, ISO 3166; empty: not known
    coalesce(m.family, n.family) as family,                         -- family of releases
    m.announced_on,                                                 -- announced
    d.available_on,                                                 -- available by API, or the best we know
    d.available_basis,                                              -- where available_on comes from
    case when d.weights_on <= night() then d.weights_on end as weights_on,  -- weights published; NULL: unknown or never
    case when d.weights_on <= night() then d.weights_basis else '' end as weights_basis,  -- where weights_on comes from
    coalesce(m.checkpoint_of, n.checkpoint_of, '') as checkpoint_of,  -- the release of which it is a later dated checkpoint, or the name that groups such; empty: none
    m.hub_repo,                                                     -- Hub repository of the weights
    coalesce(m.parameters, s.parameters) as parameters,             -- parameters, total; model_spec has every source's figure
    case when m.parameters is not null then 'seed' else coalesce(s.parameters_source, '') end as parameters_basis,  -- seed: a reviewed line; else the source
    s.context_tokens,                                               -- tokens it reads at once, by the best source; NULL: none states it
    s.training_flop,                                                -- floating-point operations of its training; NULL: none states it
    coalesce(n.known, true) as known,                               -- false: no rule knows this name
    coalesce(n.names, 0)::integer as names                          -- spellings seen
from seed.model m
full join staging.resolved_model n using (model)
left join staging.model_date d using (model)
left join spec s using (model)
left join (select developer as maker, country from seed.developer) v on v.maker = coalesce(m.developer, n.developer)
