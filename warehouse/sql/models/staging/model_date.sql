-- One row per model: the dates it counts from, each with its basis (METHOD section 2).
-- The reviewed seed first; else the date in the name of a checkpoint; else the earliest date of a registry, its lab's
-- announcement, the day a registry or the Hub first had it; last the night it was first scored, an upper bound.
with stated as (
    select n.model, r.event, min(r.happened_on) as happened_on, arg_min(r.source, (r.happened_on, r.source)) as source
    from staging.release_fact r
    join staging.resolved_name n on n.source = r.source and n.name = r.name
    -- A date still to come is a plan, not a fact.  A plan for weights says that they are not out yet.
    where r.happened_on <= night() or r.event = 'weights'
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
repository as (
    select t.model, min(t.happened_on) as hub_created_on
    from stated t
    join input.source s on s.source = t.source and s.kind = 'hub'
    where t.event = 'listed'
    group by t.model
),
news as (
    select t.model, min(a.published_on) as announced_on
    from staging.announcement_seen a
    join input.announced t on t.source = a.source and t.lab = a.lab and t.guid = a.guid
    where t.is_release and a.published_on <= night()
    group by t.model
),
scored as (
    select n.model, min(least(coalesce(o.scored_on, o.known_on), o.known_on)) as scored_on
    from staging.observation o
    join staging.resolved_name n on n.source = o.source and n.name = o.name
    group by n.model
)
select
    model,
    coalesce(m.api_on, m.announced_on, n.dated_on, t.released_on, a.announced_on, t.listed_on, s.scored_on) as available_on,
    case
        when m.api_on is not null then 'seed: API date'
        when m.announced_on is not null then 'seed: announcement'
        when n.dated_on is not null then 'name: date of the checkpoint'
        when t.released_on is not null then 'registry: release date'
        when a.announced_on is not null then 'announcement: its lab''s feed'
        when t.listed_on is not null then 'registry: first listed'
        else 'first scored'
    end as available_basis,
    coalesce(m.weights_on, t.weights_on) as weights_on,
    case
        when m.weights_on is not null then 'seed: weights date'
        when t.weights_on is not null then 'registry: weights date'
        else ''
    end as weights_basis,
    t.listed_on, s.scored_on, r.hub_created_on
from seed.model m
full join dated_once t using (model)
full join scored s using (model)
full join (select model, announced_on from news) a using (model)
left join staging.resolved_model n using (model)
left join repository r using (model)
