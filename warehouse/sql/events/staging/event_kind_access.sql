-- One row per later change of a known model's access tier as an event.
select
    sha256(concat_ws('|', 'access-changed', a.model, a.from_on, a.tier, '1')) as event_id,
    'access-changed' as kind, 'confirmed' as state, 'model' as scope_kind, m.developer as scope, '' as edition,
    a.tier, '' as domain, '' as grade, a.model, null::varchar as other_model, a.from_on as happened_on, a.known_on,
    a.known_on as state_on, true as counts, a.known_on - a.from_on > 30 as backfilled,
    concat(m.title, case
        when a.tier = 'C' then ' can no longer be downloaded'
        when a.tier = 'U' then ': nobody can say whether it can be downloaded'
        when a.before_tier = 'C' then ' can now be downloaded' else ' has another licence'
    end,
    coalesce(': ' || nullif(a.licence, ''), '')) as headline,
    to_json(struct_pack(
        lab := m.developer, title := m.title, before := a.before_tier, access_tier := a.tier,
        licence_before := a.before_licence, licence := a.licence, counts_from := a.from_on,
        evidence_kind := a.evidence, source := a.source
    ))::varchar as facts
from staging.event_access a
join marts.model m on m.model = a.model and m.known
