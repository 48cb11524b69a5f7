-- One row per open-weight model, licence tier it counts for, and scope in which it has an ability tonight.
select a.scope, t.for_tier, a.model, s.tier as licence_tier, s.licence, s.from_on as open_on, a.theta, a.lo, a.hi
from computed.ability a
join staging.access_span s
    on s.model = a.model and s.tier in ('T1', 'T2', 'T3') and s.until_on is null
    and s.from_on <= (select night from seed.night)
join (values ('any'), ('T1')) t(for_tier) on t.for_tier = 'any' or s.tier = 'T1'
where a.theta is not null
