-- One row per closed frontier record that an open-weight model has matched, point against point.
with first_seen as (
    select board, edition, min(first_seen_on) as first_seen_on from staging.edition_seen group by all
)
select
    sha256(concat_ws('|', 'match', p.board, p.edition, p.tier, p.closed_model, p.open_model,
        (select method_version from seed.night))) as event_id,      -- digest of what the event is about
    'board' as scope_kind,                                          -- board | domain | overall
    p.board as scope,                                               -- the board
    p.edition,                                                      -- its edition
    'match' as grade,                                               -- match | parity | lead
    'candidate' as state,                                           -- a match is never more: it compares points, not intervals
    p.tier,                                                         -- any | T1
    p.closed_model,                                                 -- the closed record that was reached
    p.closed_score,                                                 -- its score
    p.closed_on,                                                    -- date it counts from (API)
    p.open_model,                                                   -- the first open-weight model at or above it
    p.open_score,                                                   -- its score
    p.open_on,                                                      -- date it counts from (weights)
    p.open_on - p.closed_on as days,                                -- days from closed_on to open_on; negative: open was there first
    null::double as margin,                                         -- margin of the parity test; NULL for a match
    sqrt(p.open_stderr ** 2 + p.closed_stderr ** 2) as standard_error,  -- of the difference, where the board states errors
    greatest(p.open_known_on, p.closed_known_on) as known_on,       -- night on which both scores were known
    null::date as confirmed_on,                                     -- NULL for a match
    null::date as retracted_on,                                     -- night on which a correction undid it
    greatest(p.open_known_on, p.closed_known_on) <= f.first_seen_on as backfilled  -- true: it was there when we first looked
from staging.pursuit p
join first_seen f on f.board = p.board and f.edition = p.edition
where p.open_model is not null
