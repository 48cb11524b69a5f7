-- One row per scope of the composite and model placed in it: its ability in 400 draws that belong together.
-- Entry i of every row of a scope is one draw, so the chance that A is ahead of B is the share of i where A's entry is higher.
-- Key: scope, model
select
    scope,                                                          -- overall, or a domain
    model,                                                          -- the model
    draws                                                           -- its ability in each draw, index points
from computed.ability_draw
