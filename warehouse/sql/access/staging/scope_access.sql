-- One row per scope, licence tier, model with a level there, and stretch of dates on which it counts for a side of the
-- comparison: `closed` or, under a licence of the tier, open.  A stretch without an end lasts until the end of time.
select
    p.scope, t.tier, s.model, s.tier = 'C' as closed, s.from_on, coalesce(s.until_on, date '9999-12-31') as until_on
from (select distinct scope, model from staging.level_history) p
join staging.access_span s on s.model = p.model
join licence_tiers() t on s.tier = 'C' or counts_for(t.tier, s.tier)
