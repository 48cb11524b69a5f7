-- One row per part of a build that failed for one model, board, scope or table: only that is missing tonight.
-- Key: part, subject
select
    part,                                                           -- the table: computed, or schema and name of one that is empty tonight
    subject,                                                        -- the scope, board or pool it failed for; every row: the whole table
    error                                                           -- what was found
from input.failure
