-- One row per capability level to be priced and model that reaches it, with the level on the composite's scale.
-- A model reaches a level where the lower end of its 90 % interval does (probability 0.95); the model a level is named
-- after reaches it by definition.  The level `frontier` moves: it is whatever is best on a date (`level` NULL).
with able as (
    select a.model, a.theta, a.lo, a.hi
    from computed.ability a
    where a.scope = 'overall' and a.theta is not null
),
standing as (
    select b.*, case s.tier when 'C' then 'closed' else 'open' end as side
    from able b
    join staging.access_span s on s.model = b.model and s.until_on is null and s.tier <> 'U'
    join staging.model_date d on d.model = b.model
    where case s.tier when 'C' then d.available_on else s.from_on end <= (select night from seed.night)
),
leader as (
    select side, arg_max(model, (theta, model)) as model from standing group by side
),
level as (
    select
        l.level_id, l.kind, l.title,
        case l.kind when 'fixed' then l.level else a.theta end as level,
        case l.kind when 'fixed' then null else a.model end as named_after
    from seed.capability_level l
    left join leader k on l.kind = 'leader' and k.side = l.side
    left join able a on a.model = coalesce(l.model, k.model)
)
select l.level_id, l.kind, l.title, l.level, l.named_after, a.model, a.theta, a.lo, a.hi
from level l
join able a on l.kind = 'frontier' or a.lo >= l.level or a.model = l.named_after
