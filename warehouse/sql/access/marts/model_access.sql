-- One row per model and stretch of dates with one access tier, with its evidence.
-- Key: model, from_on
-- Latest: where until_on is null
select
    model,                                                          -- the model's key
    tier,                                                           -- T1 | T2 | T3 (weights downloadable) | C closed | U unknown
    from_on,                                                        -- first date of this tier
    until_on,                                                       -- date the next began; NULL: still so
    licence,                                                        -- licence as the evidence names it
    evidence,                                                       -- hub files | release note | registry flag | board flag
    evidence_rank::integer as evidence_rank,                        -- 1 is the strongest
    source,                                                         -- where the evidence was found
    basis                                                           -- seed: a reviewed line; sources: our sources alone
from staging.access_span
