-- One row per reviewed line on a model's access that two operators of sources contradict, or a repository overruled.
select
    sha256(concat_ws('|', 'seed-contradicted', c.model, c.tier, c.known_on, '1')) as event_id,
    'seed-contradicted' as kind, 'confirmed' as state, 'model' as scope_kind, m.developer as scope, '' as edition,
    c.tier, '' as domain, '' as grade, c.model, null as other_model, c.known_on as happened_on, c.known_on,
    c.known_on as state_on, true as counts, false as backfilled,
    case
        when c.open_from is null
            then format('{}: our reviewed line says {}, and {} operators say {}', m.title, c.we_say, c.operators, c.sources_say)
        else format(
            '{}: our reviewed line says closed, and {}; it counts as open from {}', m.title, c.sources_say, c.open_from
        )
    end as headline,
    to_json(struct_pack(
        title := m.title, access_tier := c.tier,
        outcome := case when c.open_from is null then 'contradicted by ' else 'overruled by ' end || c.sources,
        found := 'reviewed from ' || c.reviewed_source, sources := c.sources
    ))::varchar as facts
from staging.event_seed c
join marts.model m using (model)
