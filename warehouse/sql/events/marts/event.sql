-- One row per thing that happened, as known tonight; alerts are these rows less what was delivered (docs/events.md).
-- A retracted event stays with its new state; a second row is the retraction and names the event in `retracts`.
-- Key: event_id
-- Latest: where happened_on > night() - 30
with every as (
    select * from staging.event_kind_parity
    union all by name
    select * from staging.event_kind_leader
    union all by name
    select * from staging.event_kind_weights
    union all by name
    select * from staging.event_kind_access
    union all by name
    select * from staging.event_kind_gap
    union all by name
    select * from staging.event_kind_claim
    union all by name
    select * from staging.event_kind_source
    union all by name
    select * from staging.event_kind_board
    union all by name
    select * from staging.event_kind_seed
),
-- What earlier nights published is not dated anew.
dated as (
    select
        e.* replace (
            coalesce(m.known_on, e.known_on) as known_on, kept_state(m.state, e.state) as state,
            kept_on(m.state, e.state, m.state_on, e.state_on, m.published_on) as state_on
        )
    from every e
    left join staging.event_memory m using (event_id)
),
-- An event that was published and that tonight's inputs no longer give is retracted, not forgotten.
withdrawn as (
    select
        m.* exclude (night, run_id, method_version, published_on) replace (
            if(m.state in ('retracted', 'superseded'), m.state, 'retracted') as state,
            if(m.state in ('retracted', 'superseded'), m.state_on, night()) as state_on
        ), '{}' as facts
    from staging.event_memory m
    where
        m.method_version = method_version() and m.event_id not in (select event_id from every)
        and m.kind in ('parity', 'open-leader', 'closed-leader', 'weights-published', 'access-changed')
),
standing as (
    from dated
    union all by name
    from withdrawn
),
taken_back as (
    select
        * replace (
            sha256(state || '|' || event_id) as event_id, state_on as known_on,
            concat(case state when 'retracted' then 'Retracted: ' else 'Superseded: ' end, headline) as headline
        ),
        event_id as retracts
    from standing
    where state in ('retracted', 'superseded') and grade <> 'match'
)
select
    event_id,                                                       -- digest of kind, scope, edition, subjects and the version of the definition
    kind,                                                           -- parity | open-leader | closed-leader | weights-published | access-changed | claim-changed | gap-moved | source-stale | source-drifted | seed-contradicted
    state,                                                          -- candidate | provisional | confirmed | retracted | superseded
    scope_kind,                                                     -- board | domain | overall | model | claim | source
    scope,                                                          -- the board, domain, lab, claim or source
    edition,                                                        -- the board's edition; empty where there is none
    tier,                                                           -- any | T1; of a model: its tier; empty where there is none
    domain,                                                         -- kind of ability; empty where there is none
    grade,                                                          -- of parity: match | parity | lead; of gap-moved: gap | lag
    model,                                                          -- whom it is about
    other_model,                                                    -- the model reached, or led before
    happened_on,                                                    -- date it counts from
    known_on,                                                       -- night on which we found it
    state_on,                                                       -- night on which it came to its present state
    headline,                                                       -- one sentence
    facts,                                                          -- numbers, titles and evidence, as JSON
    counts,                                                         -- false: on a board that does not count for the index
    backfilled,                                                     -- true: it was there when we first looked
    retracts                                                        -- event_id of the event this row takes back or replaces
from (
    select *, null as retracts from standing
    union all by name
    from taken_back
)
