-- One row per configuration on a board edition: its newest score, with the row as its source wrote it.
-- Key: board, edition, source, name, listed_as, model, variant, scored_on
-- Latest: where gone_since is null qualify max(known_on) over (partition by board, edition) = max(known_on) over (partition by board)
select
    board,                                                          -- the board
    edition,                                                        -- its edition
    model,                                                          -- the model's key
    variant,                                                        -- configuration stated in the name
    source,                                                         -- where it was read
    name,                                                           -- the name as written
    listed_as,                                                      -- configuration stated in other columns
    value,                                                          -- the score in the board's unit
    stderr,                                                         -- standard error in the unit, where the board states it
    n_items,                                                        -- questions or votes behind it
    scored_on,                                                      -- date the board gives the row
    provisional,                                                    -- true: new, and it would lead: it counts on its board alone until it is shown on a second night
    self_reported,                                                  -- true: reported by the developer, sets no frontier
    known_on,                                                       -- night since which we know this value
    gone_since,                                                     -- first night on which its board's newest table that is believed showed it no more; NULL while it is shown
    written,                                                        -- the row as its source wrote it
    url,                                                            -- live address of the page
    sha256,                                                         -- of the page in the archive
    fetched_at                                                      -- when these bytes came, UTC
from (
    select *, false as provisional from staging.current_score
    union all by name
    select *, true as provisional from staging.provisional_score
)
