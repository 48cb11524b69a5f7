-- One row per scope of the composite and vintage after its first: how far models moved of which nothing new was known.
-- An alarm is published and is no event: it says that the scale moved, not that a model did.  A domain hangs on the scale
-- of overall and moves with it, so its alarms are often those of overall once more, and say more where they are not.
select
    scope,                                                          -- overall, or a domain
    night,                                                          -- the vintage
    previous_night,                                                 -- the vintage before it
    rms,                                                            -- root of their mean squared movement, index points
    worst,                                                          -- the largest movement
    worst_model,                                                    -- whose it was
    n_linked,                                                       -- models placed in both without news
    alarm                                                           -- above 0.5 on average or 2 for one: the scale shifted, look why
from computed.drift
