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
    select * from staging.event_kind_seed
),
taken_back as (
    select
        * replace (
            sha256(state || '|' || event_id) as event_id, state_on as known_on,
            concat(case state when 'retracted' then 'Retracted: ' else 'Superseded: ' end, headline) as headline
        ),
        event_id as retracts
    from every
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
    select *, null as retracts from every
    union all by name
    from taken_back
)
