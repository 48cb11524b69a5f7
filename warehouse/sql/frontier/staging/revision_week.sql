-- One row per Monday of the last two years and horizon: the night of knowledge on which `frontier_as_known` looks at that
-- Monday, `horizon` days later; NULL, and the end of time: as it is known now.
-- A Monday is in it once it is 63 days old.  Mondays, because the composite's past is fitted on Mondays.  The rows are the
-- same all week, and so are the tables made from them while nothing is learned.
with weeks as (
    select date_trunc('week', night() - 63)::date - 7 * ago::integer as as_of from range(104) r (ago)
)
select as_of, horizon::integer as horizon, as_of + horizon::integer as known_on
from weeks, range(0, 64, 7) r (horizon)
union all
select as_of, null, date '9999-12-30' from weeks
