-- One row per instrument, model and stretch of nights on which we knew one share, as known on the Monday of `fit_week`:
-- what the weekly vintages are fitted to.  What is learned during the week changes nothing here.
select o.* replace (case when o.known_to <= w.monday then o.known_to end as known_to)
from staging.irt_observation o
join staging.fit_week w on o.known_from <= w.monday
