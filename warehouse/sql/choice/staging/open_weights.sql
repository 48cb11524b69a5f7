-- One row per open-weight model, licence tier it counts for, and scope in which it has an ability tonight.
select a.scope, t.tier as for_tier, a.model, s.tier as licence_tier, s.licence, s.from_on as open_on, a.theta, a.lo, a.hi, a.share
from computed.ability a
join staging.access_span s
    on s.model = a.model and is_open(s.tier) and s.until_on is null
join licence_tiers() t on counts_for(t.tier, s.tier)
where a.theta is not null
