-- One row per closed frontier record: how long until an open-weight model matched it, or that none has yet.
select
    board as scope,                                                 -- the board
    edition,                                                        -- its edition
    tier,                                                           -- any | T1
    closed_model,                                                   -- the closed frontier record
    'match' as grade,                                               -- match | parity | lead
    closed_on,                                                      -- date it counts from (API)
    open_on - closed_on as days,                                    -- days to the first open model at or above; NULL: none yet
    case when open_model is null then 'right' else 'none' end as censored,  -- none | right | interval
    coalesce(open_on - closed_on, coalesce(closed_until, (select night from seed.night)) - closed_on) as lower_days,  -- it took at least this many days
    open_on - closed_on as upper_days,                              -- it took at most this many days; NULL: open
    open_model                                                      -- the open model that did it (also the cluster)
from staging.pursuit
