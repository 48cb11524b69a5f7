-- One row per scope of the composite and vintage after its first: how far models without new scores moved.
-- An alarm is published and is not an event: it means that the scale moved, not a model.  A domain takes its scale from
-- overall, so its alarms often repeat those of overall; one that does not is a drift of the domain itself.
-- Key: scope, night
-- Latest: where night = (select max(night) from marts.composite_drift)
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
