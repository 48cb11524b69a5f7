-- One row per source that drifted or went stale as an event; one source may be both.
select
    sha256(concat_ws('|', kind, source, troubled_on, '1')) as event_id, kind, 'confirmed' as state,
    'source' as scope_kind, source as scope, '' as edition, '' as tier, '' as domain, '' as grade, null::varchar as model,
    null::varchar as other_model, troubled_on as happened_on,
    case kind when 'source-drifted' then troubled_on else coalesce(last_good_on, troubled_on) + 3 end as known_on,
    case kind when 'source-drifted' then troubled_on else coalesce(last_good_on, troubled_on) + 3 end as state_on,
    true as counts, false as backfilled,
    case kind
        when 'source-drifted' then format('{} does not read as it used to', source)
        else format(
            '{} has given nothing since {}', source,
            coalesce(strftime(last_good_on, '%Y-%m-%d'), 'it was first asked')
        )
    end as headline,
    to_json(struct_pack(
        source := source, outcome := outcome, found := error, last_good_on := last_good_on,
        stale_days := stale_days
    ))::varchar as facts
from staging.event_source, unnest(['source-drifted', 'source-stale']) k (kind)
where case kind when 'source-drifted' then outcome = 'drifted' else stale_days >= 3 end
