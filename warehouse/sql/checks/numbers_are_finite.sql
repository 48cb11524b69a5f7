-- Numbers of the index that are not finite.
select night, scope_kind, scope, edition, tier, gap, gap_std, lag_days
from marts.gap_index
where not (isfinite(coalesce(gap, 0)) and isfinite(coalesce(gap_std, 0)) and isfinite(coalesce(lag_days, 0)))
