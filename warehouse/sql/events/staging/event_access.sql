-- One row per change of a model's access tier, with the evidence for the new one.
-- Weights that come out for the first time are `staging.event_weights`, not a change here.
with changes as (
    select
        *, lag(tier) over each_model as before_tier, lag(licence) over each_model as before_licence,
        bool_or(is_open(tier)) over (each_model rows between unbounded preceding and 1 preceding)
            as was_open
    from staging.access_span
    window each_model as (partition by model order by from_on, tier)
),
-- A statement about the model that comes later moves no date: the first that says what the tier says is the news.
stated as (
    select n.model, c.open, min(c.known_on) as stated_on
    from staging.access_statement c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
    where c.open is not null
    group by n.model, c.open
)
select
    c.model, c.before_tier, c.tier, c.from_on, c.before_licence, c.licence, c.evidence, c.source, c.basis,
    case when c.basis = 'sources' then greatest(c.from_on, t.stated_on) else c.from_on end as known_on
from changes c
left join stated t on t.model = c.model and t.open = is_open(c.tier)
where
    c.before_tier is not null and c.before_tier <> c.tier
    and not (is_open(c.tier) and not coalesce(c.was_open, false))
