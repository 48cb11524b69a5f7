-- One row per change of a score: append-only in meaning, a correction is a new row.
select
    board,                                                          -- the board
    edition,                                                        -- its edition
    source,                                                         -- where it was read
    name,                                                           -- the name as written
    variant as listed_as,                                           -- configuration told by other columns
    scored_on,                                                      -- date the board gives the row
    value,                                                          -- the score in the board's unit
    stderr,                                                         -- standard error in the unit
    known_on,                                                       -- night since which we know this value
    url,                                                            -- live address of the page
    sha256                                                          -- of the page in the archive
from staging.observation
