-- One row per part of a build that failed for one model, board or scope: only that is missing tonight.
-- Key: part, subject
select
    part,                                                           -- the computed table
    subject,                                                        -- the scope, board or pool it failed for
    error                                                           -- what was found
from input.failure
