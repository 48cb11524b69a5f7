-- One row per model: the dates it counts from, each with its basis (METHOD section 2).
-- The reviewed seed first; else the earliest date of a registry or a lab; else the night it was first scored.
with stated as (
    select n.model, r.event, min(r.happened_on) as happened_on, arg_min(r.source, (r.happened_on, r.source)) as source
    from staging.release_seen r
    join staging.resolved_name n on n.source = r.source and n.name = r.name
    group by all
),
dated_once as (
    select
        model,
        min(happened_on) filter (where event in ('announced', 'api', 'released')) as released_on,
        min(happened_on) filter (where event = 'listed') as listed_on,
        min(happened_on) filter (where event = 'weights') as weights_on
    from stated
    group by model
),
scored as (
    select n.model, min(coalesce(o.scored_on, o.known_on)) as scored_on
    from staging.observation o
    join staging.resolved_name n on n.source = o.source and n.name = o.name
    group by n.model
)
select
    model,
    coalesce(m.api_on, m.announced_on, t.released_on, t.listed_on, s.scored_on) as available_on,
    case
        when m.api_on is not null then 'seed: API date'
        when m.announced_on is not null then 'seed: announcement'
        when t.released_on is not null then 'registry: release date'
        when t.listed_on is not null then 'registry: first listed'
        else 'first scored'
    end as available_basis,
    coalesce(m.weights_on, t.weights_on) as weights_on,
    case
        when m.weights_on is not null then 'seed: weights date'
        when t.weights_on is not null then 'registry: weights date'
        else ''
    end as weights_basis,
    t.listed_on, s.scored_on
from seed.model m
full join dated_once t using (model)
full join scored s using (model)
