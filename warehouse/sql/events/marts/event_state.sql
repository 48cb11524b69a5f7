-- One row per event and state it came to, appended by the night that first published it and never rewritten.
-- Key: event_id, state, state_on
-- Latest: where night > night() - 30
from vintage.event_state
union all by name
select
    night() as night,                                               -- night that first published this state
    e.event_id,                                                     -- as in table `event`
    e.state,                                                        -- candidate | provisional | confirmed | retracted | superseded
    e.state_on,                                                     -- night on which it came to that state
    e.known_on,                                                     -- night on which we found it
    e.kind,                                                         -- as in table `event`, like the rest
    e.scope_kind,                                                   -- board | domain | overall | model | claim | source
    e.scope,                                                        -- the board, domain, lab, claim or source
    e.edition,                                                      -- the board's edition; empty where there is none
    e.tier,                                                         -- any | T1; of a model: its tier; empty where there is none
    e.domain,                                                       -- kind of ability; empty where there is none
    e.grade,                                                        -- of parity: match | parity | lead; of gap-moved: gap | lag
    e.model,                                                        -- whom it is about
    e.other_model,                                                  -- the model reached, or led before
    e.happened_on,                                                  -- date it counts from
    e.headline,                                                     -- one sentence, as published then
    e.counts,                                                       -- false: on a board that does not count for the index
    e.backfilled,                                                   -- true: it was there when we first looked
    method_version() as method_version,                             -- version of METHOD that it follows
    run_id() as run_id                                              -- the run that published it
from marts.event e
left join staging.event_memory m using (event_id)
where
    e.retracts is null and e.state is distinct from m.state
    and (select scope from raw.run_scope) = 'full'
