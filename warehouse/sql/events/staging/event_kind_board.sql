-- One row per board that counts and is refused or stale although its source is read, as an event for the operator.
select
    sha256(concat_ws('|', kind, board, troubled_on, '1')) as event_id, kind, 'confirmed' as state,
    'board' as scope_kind, board as scope, '' as edition, '' as tier, '' as domain, '' as grade, null::varchar as model,
    null::varchar as other_model, troubled_on as happened_on, known_on, known_on as state_on,
    true as counts, false as backfilled,
    case kind
        when 'source-drifted' then format('{} does not read as it used to, though other pages of {} do', board, source)
        else format('{} has no accepted table since {}, though {} is read', board, last_accepted_on, source)
    end as headline,
    to_json(struct_pack(
        source := source, outcome := outcome, found := error, last_good_on := last_accepted_on,
        stale_days := stale_days
    ))::varchar as facts
from (
    select
        *, if(outcome = 'drifted', 'source-drifted', 'source-stale') as kind, last_accepted_on + 1 as troubled_on,
        if(outcome = 'drifted', troubled_on, last_accepted_on + 3) as known_on
    from marts.board_health
    where in_trouble
)
