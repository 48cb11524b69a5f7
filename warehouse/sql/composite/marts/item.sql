-- One row per scope of the composite and instrument in its fit: its difficulty, and how sharply it separates models
-- (slope).
-- Expected share of its range for ability theta: 1 / (1 + exp(-slope * (theta - difficulty))).
-- Key: scope, board, edition
select
    scope,                                                          -- overall, or a domain
    board,                                                          -- the board
    edition,                                                        -- its edition
    "group",                                                        -- instruments of one group count as one: they measure the same thing again
    slope,                                                          -- change of log-odds per index point
    difficulty,                                                     -- the ability that scores half its range
    n_models                                                        -- models that fix these two numbers
from computed.item
