-- One row per claim and figure it is judged by: the claim in our words, the tolerance, and the version of both.
-- Key: claim_id, place, part_place
select
    p.claim_id,                                                     -- the claim
    c.place,                                                        -- order in which claims are shown
    c.version,                                                      -- of the claim's wording and tolerances; a change is a new version
    c.claim,                                                        -- the claim in our words
    c.subject,                                                      -- model it is about; NULL: none
    c.measure,                                                      -- what is measured to judge it
    p.part,                                                         -- one figure of that measure
    p.place as part_place,                                          -- order of the figures
    p.title,                                                        -- the figure in words
    p.sentence,                                                     -- the sentence of the verdict, {} for the figure; NULL: shown only
    p.unit,                                                         -- its unit
    p.lower,                                                        -- the claim allows no less; NULL: no lower limit
    p.upper,                                                        -- the claim allows no more; NULL: no upper limit
    p.tolerance,                                                    -- both limits in words; NULL: shown, not judged
    p.interval                                                      -- what the figure's lo and hi are
from seed.claim_part p
join seed.claim c using (claim_id)
