-- One row per quarter and licence tier: how many labs stood near the open frontier at its end, and how many released.
-- Key: quarter, tier
with quarter as (
    select
        day::date as quarter,
        least((day + interval 3 month)::date, night() + 1) - 1 as ends_on
    from (select unnest(generate_series(date '2023-01-01', night(), interval 3 month)) as day)
),
named as (
    select model, coalesce(m.developer, n.developer) as developer
    from staging.resolved_model n
    full join seed.model m using (model)
),
standing as (
    select
        q.quarter, t.tier, a.model, n.developer, a.theta,
        max(a.theta) over (partition by q.quarter, t.tier) as frontier
    from quarter q
    cross join licence_tiers() t
    join staging.access_span s
        on
            s.from_on <= q.ends_on and (s.until_on is null or s.until_on > q.ends_on)
            and counts_for(t.tier, s.tier)
    join computed.ability a on a.model = s.model and a.scope = 'overall' and a.theta is not null
    join named n on n.model = a.model
),
near as (
    select
        quarter, tier,
        arg_max(model, (theta, model)) as frontier_model,
        arg_max(developer, (theta, model)) as frontier_developer,
        max(theta) as frontier,
        count(distinct developer) filter (theta >= frontier - 2) as labs_2,
        count(distinct developer) filter (theta >= frontier - 5) as labs_5,
        count(distinct developer) filter (theta >= frontier - 10) as labs_10,
        count(distinct model) filter (theta >= frontier - 5) as models_5,
        count(distinct model) as placed
    from standing
    group by quarter, tier
),
released as (
    select q.quarter, t.tier, count(distinct d.model) as releases, count(distinct n.developer) as labs_releasing
    from quarter q
    cross join licence_tiers() t
    join staging.model_date d on d.weights_on between q.quarter and q.ends_on
    join named n on n.model = d.model and n.developer <> ''
    join staging.access_span s
        on
            s.model = d.model and s.from_on <= q.ends_on and (s.until_on is null or s.until_on > q.ends_on)
            and counts_for(t.tier, s.tier)
    group by all
)
select
    q.quarter,                                                      -- first day of the quarter
    q.ends_on,                                                      -- its last day, or the night
    t.tier,                                                         -- any | T1: licence tier
    n.frontier_model,                                               -- best open-weight model on that day
    n.frontier_developer,                                           -- who made it
    n.frontier,                                                     -- its ability overall
    coalesce(n.labs_2, 0)::integer as labs_2,                       -- labs with an open model within 2 points of it, its own included
    coalesce(n.labs_5, 0)::integer as labs_5,                       -- ... within 5 points
    coalesce(n.labs_10, 0)::integer as labs_10,                     -- ... within 10 points
    coalesce(n.models_5, 0)::integer as models_5,                   -- open models within 5 points
    coalesce(n.placed, 0)::integer as placed,                       -- open models with an ability
    coalesce(r.releases, 0)::integer as releases,                   -- open-weight models released in the quarter, by weights date
    coalesce(r.labs_releasing, 0)::integer as labs_releasing,       -- distinct labs that released them
    q.ends_on - q.quarter + 1 < date_diff('day', q.quarter, (q.quarter + interval 3 month)::date) as unfinished  -- true: the quarter was still running on the night
from quarter q
cross join licence_tiers() t
left join near n on n.quarter = q.quarter and n.tier = t.tier
left join released r on r.quarter = q.quarter and r.tier = t.tier
