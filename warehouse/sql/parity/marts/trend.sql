-- One row per pool, tier, grade and family of curves: does open catch up faster with every year of closed releases?
-- Pre-registered (METHOD section 4): it holds only if both families' upper limits are below 1, whichever record is left out.
-- Key: scope, tier, grade, family
select
    scope,                                                          -- overall: records of the composite; else the domain's boards
    tier,                                                           -- any | T1
    grade,                                                          -- match | parity
    family,                                                         -- lognormal | weibull
    ratio_per_year,                                                 -- factor on the time per year of the closed release; below 1: faster
    lo,                                                             -- lower limit, 95 %, robust by open release
    hi,                                                             -- upper limit, 95 %, robust by open release
    n_events,                                                       -- closed records that were reached
    n_clusters,                                                     -- open releases behind them
    worst_left_out,                                                 -- closed model without whose record the upper limit is highest
    worst_hi,                                                       -- that limit
    holds,                                                          -- the test holds in both families; NULL: not tested
    reason                                                          -- why it was not tested
from computed.trend
