-- One row per model, side and tier on a board edition, with the dates between which it counts there.
-- An open model counts as closed until its weights are out (METHOD section 2); unknown access counts nowhere.
with sides as (
    select unnest(['any', 'T1']) as tier
)
select
    s.tier,
    case when a.tier = 'C' then 'closed' else 'open' end as side,
    b.*,
    a.tier as access_tier, a.licence, a.evidence, a.from_on, a.until_on, a.basis as access_basis,
    d.available_on, d.available_basis, d.weights_on
from staging.best_score b
join staging.access_span a using (model)
left join staging.model_date d using (model)
cross join sides s
where a.tier = 'C'
    or (s.tier = 'any' and a.tier in ('T1', 'T2', 'T3'))
    or (s.tier = 'T1' and a.tier = 'T1')
