-- One row per model that any source dates: what its lab announced, registries list and the Hub holds, as one event.
-- Each date has its basis; dates of different kinds are never merged (METHOD section 2).
-- Key: model
with hub as (
    select t.model, min(t.happened_on) as hub_created_on
    from staging.date_by_source t
    join input.source s on s.source = t.source and s.kind = 'hub'
    where t.kind = 'listed' and t.happened_on <= night()
    group by t.model
),
stated as (
    select model, count(*) as n_sources, max(happened_on) - min(happened_on) as spread_days
    from staging.date_by_source where kind = 'released'
    group by model
),
news as (
    select * from staging.announced_release
    where is_release and coalesce(published_on <= night(), true)
    qualify row_number() over (partition by model order by published_on nulls last, known_on, lab, item) = 1
),
dated as (
    select d.*, coalesce(m.title, t.title, d.model) as title, m.announced_on as seed_announced_on, m.api_on, coalesce(t.known, true) as known
    from staging.model_date d
    left join seed.model m using (model)
    left join staging.resolved_model t using (model)
)
select
    d.model,                                                        -- the model's key
    d.title,                                                        -- its name for people
    coalesce(d.seed_announced_on, n.published_on) as announced_on,  -- its lab made it known; NULL: no statement
    case
        when d.seed_announced_on is not null then 'seed: announcement'
        when n.published_on is not null then 'announcement: ' || n.source else ''
    end as announced_basis,  -- where announced_on comes from
    d.api_on,                                                       -- served by API, reviewed; NULL: not known
    d.available_on,                                                 -- the date it counts from: API, or the best we know
    d.available_basis,                                              -- where available_on comes from
    d.available_basis = 'first scored' as available_censored,       -- true: only an upper bound of that date is known, the first a board scored it
    case when d.weights_on <= night() then d.weights_on end as weights_on,  -- weights published; NULL: unknown or never
    case when d.weights_on <= night() then d.weights_basis else '' end as weights_basis,  -- where weights_on comes from
    case when d.weights_on <= night() then d.weights_on - d.available_on end as weights_lag_days,              -- days its weights came after it was available
    d.listed_on as first_listed_on,                                 -- a registry or the Hub first had it
    h.hub_created_on,                                               -- its Hub repository was made: no weights before it
    d.scored_on as first_scored_on,                                 -- first date on which a board scored it
    coalesce(s.n_sources, 0)::integer as n_sources,                 -- sources that state a release date
    s.spread_days::integer as spread_days,                          -- days between the earliest and the latest they state
    n.title as announcement_title,                                  -- title of the item that announces it; NULL: none linked
    n.link as announcement_link,                                    -- where to read that
    n.lab as announcement_lab,                                      -- whose feed
    n.rule as announcement_rule,                                    -- what makes the item its announcement
    d.known                                                         -- false: no rule knows this name
from dated d
left join hub h using (model)
left join stated s using (model)
left join news n using (model)
