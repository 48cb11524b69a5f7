-- One row per model and fact that we go by: its value, and the rule or the evidence that chose it.
select
    model, 'openness' as fact,
    case tier when 'C' then 'closed' when 'U' then 'unknown' else 'open' end as value,
    case
        when basis = 'seed' then 'a reviewed line' when tier = 'U' then 'our sources do not decide it'
        else 'our sources'
    end || ': ' || evidence || ', ' || source as rule
from staging.access_span
where until_on is null
union all
select
    model, 'licence', licence,
    case basis when 'seed' then 'a reviewed line' else 'our sources' end || ': ' || evidence || ', ' || source
from staging.access_span
where until_on is null
union all
select model, 'release date', strftime(available_on, '%Y-%m-%d'), available_basis from staging.model_date
union all
select model, 'weights date', strftime(weights_on, '%Y-%m-%d'), weights_basis from staging.model_date
where weights_on is not null
union all
select
    s.model, 'parameters', format('{:.4g}', coalesce(m.parameters, s.value)),
    case when m.parameters is not null then 'a reviewed line' else 'first by place: ' || s.source end
from staging.spec_by_source s
left join seed.model m using (model)
where s.quantity = 'parameters' and s.place = 1
