-- One row per reviewed line on a model's access; without a licence of its own it takes that of the sources.
select
    a.model,
    case
        when a.tier = 'C' or a.licence is not null then a.tier
        when a.tier <> 'U' then coalesce(l.tier, a.tier) else a.tier
    end as tier,
    a.from_on, coalesce(a.licence, case when is_open(a.tier) then n.licence end, '') as licence,
    a.evidence, a.evidence_rank, a.source, 'seed' as basis, a.known_on
from seed.access a
left join staging.access_licence n using (model)
left join seed.licence l on l.licence = lower(n.licence)
