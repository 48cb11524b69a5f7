-- One row per publication of a known lab's weights as an event.
select
    sha256(concat_ws('|', 'weights-published', w.model, '1')) as event_id, 'weights-published' as kind,
    'confirmed' as state, 'model' as scope_kind, m.developer as scope, '' as edition, w.tier, '' as domain,
    '' as grade, w.model, null::varchar as other_model, w.from_on as happened_on, w.known_on, w.known_on as state_on,
    true as counts, w.known_on - w.from_on > 30 as backfilled,
    concat(
        d.title, ' publishes the weights of ', m.title,
        ' under ' || case
            when w.licence = 'other' then 'a licence of its own'
            when lower(w.licence) = 'mit' then 'MIT'
            when starts_with(w.licence, 'other:') then 'the licence ' || substr(w.licence, 7)
            else nullif(w.licence, '')
        end
    ) as headline,
    to_json(struct_pack(
        lab := m.developer, lab_title := d.title, title := m.title, licence := w.licence, access_tier := w.tier,
        counts_from := w.from_on, evidence_kind := w.evidence, source := w.source,
        parameters := m.parameters, hub_repo := m.hub_repo
    ))::varchar as facts
from staging.event_weights w
join marts.model m on m.model = w.model and m.known
join seed.developer d on d.developer = m.developer and d.hub_owners is not null
