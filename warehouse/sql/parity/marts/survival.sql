-- One row per pool of closed frontier records, licence tier and grade: how long open weights took, censored times
-- included (METHOD section 4).  Intervals are 90 % and come from resampling open releases.
-- Each row pools one kind of record: a composite is made of the same scores as its boards, so no figure pools both.
-- Key: scope_kind, scope, tier, grade
select
    scope_kind,                                                     -- overall: records of the composite; domain composite: of the composite of a domain; domain: of its counting boards' newest editions; boards: of all counting boards
    scope,                                                          -- `overall`, the domain (both kinds), or `boards`
    tier,                                                           -- any | T1
    grade,                                                          -- match | parity | lead
    n_records,                                                      -- closed frontier records
    n_events,                                                       -- of which an open model has reached
    n_clusters,                                                     -- open releases behind those events
    n_before,                                                       -- of which open was there first; they count as 0 days
    n_underpowered,                                                 -- not reached, and the test has too little power: counted as not reached
    median_days,                                                    -- Kaplan-Meier median, from the closed model's API to the weights; NULL: not reached
    median_lo,                                                      -- its lower limit
    median_hi,                                                      -- its upper limit; NULL with a median_lo: none
    q25_days,                                                       -- days by which a quarter was reached; NULL: not reached
    q75_days,                                                       -- days by which three quarters were reached; NULL: not reached
    rmst_365_days,                                                  -- mean days until reached, none counted longer than 365
    rmst_lo,                                                        -- its lower limit
    rmst_hi,                                                        -- its upper limit
    known_median_days,                                              -- the median where an event counts as known only to lie between the weights and the night they were first scored; NULL: no such event
    known_median_lo,                                                -- its lower limit; on the records of `overall` only
    known_median_hi,                                                -- its upper limit; NULL with a lower one: none
    reason                                                          -- why something is NULL
from computed.survival
