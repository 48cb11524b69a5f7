-- Nowcast bands that are the wrong way round, half there, or of a night that needs none; and horizons listed twice.
select format('{} {} {} {}', night, scope, edition, tier) as key, gap_nowcast_lo as lo, gap_nowcast_hi as hi
from marts.gap_index
where
    gap_nowcast_lo > gap_nowcast_hi or (gap_nowcast_lo is null) <> (gap_nowcast_hi is null)
    or (gap_nowcast_lo is not null and (gap is null or night() - night >= 60))
union all
select format('{} {} {} {}', night, scope, edition, tier), lag_nowcast_lo, lag_nowcast_hi
from marts.gap_index
where
    lag_nowcast_lo > lag_nowcast_hi or (lag_nowcast_lo is null) <> (lag_nowcast_hi is null)
    or (lag_nowcast_lo is not null and (lag_days is null or night() - night >= 60))
union all
select format('{} {} {} {}', horizon_days, scope, edition, tier), gap_lo, gap_hi
from marts.nowcast
where
    not gap_mid between gap_lo and gap_hi or not lag_mid between lag_lo and lag_hi
    or (n_gap >= 26) <> (gap_lo is not null) or (n_lag >= 26) <> (lag_lo is not null)
union all
select format('{} {} {} {}', horizon_days, scope, edition, tier), count(*), null
from marts.nowcast
group by all
having count(*) > 1
