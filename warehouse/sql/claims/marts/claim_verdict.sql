-- One row per claim and night: the verdict, by rule alone (METHOD section 7), with the figure it rests on.
-- Headline and counting figures that are decided both ways make `mixed`; else the headline's verdict is the claim's.
-- Key: night, claim_id
select
    night() as night,                        -- UTC date of the verdict
    claim_id,                                                       -- the claim
    claim,                                                          -- the claim in our words
    measure,                                                        -- what is measured to judge it
    estimate,                                                       -- the headline figure; claim_evidence has all
    unit,                                                           -- its unit
    lo,                                                             -- lower end of its interval; NULL with a hi: none
    hi,                                                             -- upper end; NULL with a lo: none
    n_boards,                                                       -- boards behind it; NULL: not from boards alone
    verdict,                                                        -- supported | refuted | mixed | undecided | subject missing | not measured
    explanation                                                     -- the verdict in plain words, and what would change it
from staging.claim_decision
join staging.claim_explanation using (claim_id)
