-- One row per board: what it measures, its unit and its bounds.
-- Key: board
select
    board,                                                          -- the board
    input.board.source,                                                         -- the source it is read from
    title,                                                          -- its name for people
    domain,                                                         -- kind of ability
    measures,                                                       -- in one sentence
    unit,                                                           -- unit of its scores
    better,                                                         -- higher | lower
    low,                                                            -- least possible value
    high,                                                           -- greatest possible value
    n_items,                                                        -- questions
    chance,                                                         -- score of guessing
    ceiling,                                                        -- best score its labels allow
    composite,                                                      -- an average or index of other instruments
    evaluator,                                                      -- who ran the models
    counts_for_index,                                               -- whether it enters domains and overall
    why_not,                                                        -- why it does not
    w.frozen_after_days,                                            -- days without a new table after which it is frozen: twice the longest of its last pauses, at most as declared
    licence,                                                        -- licence of the source
    homepage,                                                       -- where people find it
    coalesce(x.items, 'unknown') as items,                          -- its questions: private | renewed after the models' training | live (votes) | public | unknown
    x.source as items_source                                        -- how that is known
from input.board
join staging.board_rhythm w using (board)
left join (select board, items, source from seed.exposure) x using (board)
