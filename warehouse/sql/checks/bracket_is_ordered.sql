-- Lag brackets whose ends are the wrong way round, or whose centre lies outside.
select night, scope, edition, tier, lag_under, lag_days, lag_over
from marts.gap_index
where abs(lag_under) > abs(lag_over) or abs(lag_days) not between abs(lag_under) - 1e-6 and abs(lag_over) + 1e-6
