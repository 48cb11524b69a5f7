-- One row per tier and sample of instruments: is open further behind on questions that nobody can have trained on?
-- private and renewed questions than on public ones, abilities and difficulties of the ablest 60 models fitted anew.
-- Key: night, tier, sample
select
    n.night,                                                        -- UTC date this row is for
    e.tier,                                                         -- any | T1: whose leaders the gaps are of
    e.sample,                                                       -- all | without knowledge: the boards of broad knowledge left out
    e.closed_model,                                                 -- the closed leader overall
    e.open_model,                                                   -- the open leader overall
    round(e.gamma, 3) as gamma,                                     -- index points by which open models stand lower on private and renewed questions; NULL: see reason
    round(e.gamma_lo, 3) as gamma_lo,                               -- lower 90 % limit, over groups of instruments and models
    round(e.gamma_hi, 3) as gamma_hi,                               -- upper 90 % limit
    round(e.p_value, 4) as p_value,                                 -- share of random labels among the groups with a gamma as large
    e.worst_group,                                                  -- the group of instruments that moves gamma most
    round(e.gamma_without_worst, 3) as gamma_without_worst,         -- gamma without that group
    round(e.private_share, 3) as private_share,                     -- how much of what is known of the two leaders comes from private and renewed questions
    round(e.gap, 3) as gap,                                         -- the gap overall, as in gap_index
    round(e.gap_public, 3) as gap_public,                           -- what it would be on public questions alone
    round(e.gap_public_lo, 3) as gap_public_lo,                     -- lower 90 % limit
    round(e.gap_public_hi, 3) as gap_public_hi,                     -- upper 90 % limit
    round(e.gap_private, 3) as gap_private,                         -- what it would be on private and renewed questions alone
    round(e.gap_private_lo, 3) as gap_private_lo,                   -- lower 90 % limit
    round(e.gap_private_hi, 3) as gap_private_hi,                   -- upper 90 % limit
    e.n_models,                                                     -- models compared
    e.n_open,                                                       -- of these, open-weight
    e.n_private_groups,                                             -- groups of instruments with private or renewed questions
    e.n_public_groups,                                              -- groups with public questions
    e.reason,                                                       -- why something is NULL
    n.method_version                                                -- version of METHOD this follows
from computed.exposure e
cross join input.night n
