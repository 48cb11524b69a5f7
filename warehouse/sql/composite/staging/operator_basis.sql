-- One row per scope and placed model: which operators its ability rests on, and the one that carries most of it.
-- `rests_on` is an operator without whose boards the model would be behind another one of its side by more than the
-- margin, though it is ahead with them; NULL where there is none.  `provisional` says so for people.
with sides as (
    select model, case when tier = 'C' then 'closed' else 'open' end as side
    from staging.access_span
    where (tier = 'C' or is_open(tier)) and until_on is null
    qualify row_number() over (partition by model order by from_on desc, tier) = 1
),
without_one as (
    select a.scope, a.model, s.side, k.operator, a.theta, case when i.operator is null then a.theta else i.theta end as theta_left
    from computed.ability a
    join sides s using (model)
    join (select distinct scope, operator from computed.operator_influence) k using (scope)
    left join computed.operator_influence i on i.scope = a.scope and i.model = a.model and i.operator = k.operator
    where a.theta is not null
),
leaders as (
    select scope, operator, side, max(theta) as theta, arg_max(model, (theta, model)) as model, max(theta_left) as best_left
    from without_one
    group by all
),
resting as (
    select w.scope, w.model, min(w.operator) as rests_on
    from without_one w
    join leaders l using (scope, operator, side, model)
    where coalesce(w.theta_left < l.best_left - (select margin from seed.margin where unit = 'index points'), true)
    group by all
),
basis as (
    select
        i.scope, i.model, count(*) as n_operators, arg_max(i.operator, (i.share, i.operator)) as operator,
        max(i.share) as share, any_value(r.rests_on) as rests_on
    from computed.operator_influence i
    left join resting r using (scope, model)
    group by i.scope, i.model
)
select
    *,
    case
        when n_operators = 1 then format('provisional, one operator: {}', operator)
        when rests_on is not null then format('provisional, one operator makes it lead: {}', rests_on)
    end as provisional
from basis
