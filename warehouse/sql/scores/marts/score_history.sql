-- One row per change of a score: in effect append-only, a correction is a new row.
-- Key: board, edition, source, name, listed_as, model, known_on, scored_on
-- Latest: where known_on > night() - 7
select
    o.board,                                                          -- the board
    o.edition,                                                        -- its edition
    n.model,                                                        -- the model's key
    o.source,                                                       -- where it was read
    o.name,                                                           -- the name as written
    o.variant as listed_as,                                           -- configuration stated in other columns
    o.scored_on,                                                      -- date the board gives the row
    o.value,                                                          -- the score in the board's unit
    o.stderr,                                                         -- standard error in the unit
    o.known_on,                                                       -- night since which we know this value
    o.url,                                                            -- live address of the page
    o.sha256                                                          -- of the page in the archive
from staging.observation o
join staging.resolved_name n on n.source = o.source and n.name = o.name
