-- One row per model and stretch of dates on which it had one access tier, with the evidence for it.
-- Reviewed seed lines first; without one, our sources speak: Hub files under a watched owner or a registry's
-- flag can make a model open, a board's flag alone never does (boards are wrong too often), and then it is U.
-- Between its release and its weights an open model is closed; a repository that merely stood there is no release.
with from_seed as (
    select model, tier, from_on, licence, evidence, evidence_rank, source, 'seed' as basis
    from seed.access
),
heard as (
    select
        n.model,
        bool_or(c.open) filter (where c.evidence in ('hub files', 'registry flag', 'release note')) as flagged_open,
        bool_or(c.open) filter (where c.evidence = 'board flag') as board_open,
        bool_or(not c.open) as flagged_closed,
        max(c.licence) filter (where c.open and c.evidence <> 'board flag') as licence,
        min(case c.evidence when 'hub files' then 1 when 'release note' then 2 when 'registry flag' then 3 else 4 end)
            as evidence_rank,
        string_agg(distinct c.source, ', ' order by c.source) as source
    from staging.claim_seen c
    join staging.resolved n on n.source = c.source and n.name = c.name
    group by n.model
),
from_sources as (
    select
        h.model,
        case
            when h.flagged_open then coalesce(l.tier, 'T2')
            when h.flagged_closed and not coalesce(h.board_open, false) then 'C'
            else 'U'
        end as tier,
        case when h.flagged_open then coalesce(d.weights_on, d.available_on) else d.available_on end as from_on,
        coalesce(h.licence, '') as licence,
        case h.evidence_rank when 1 then 'hub files' when 2 then 'release note' when 3 then 'registry flag'
            else 'board flag' end as evidence,
        h.evidence_rank, h.source, 'sources' as basis,
        case when h.flagged_open and d.available_on < d.weights_on and d.available_basis <> 'registry: first listed'
            then d.available_on end as closed_from_on
    from heard h
    join staging.model_date d using (model)
    left join seed.licence l on lower(h.licence) = l.licence
    where h.model not in (select model from seed.access)
),
every as (
    select * from from_seed
    union all by name
    select * exclude (closed_from_on) from from_sources
    union all by name
    select * exclude (closed_from_on) replace ('C' as tier, closed_from_on as from_on, '' as licence)
    from from_sources where closed_from_on is not null
)
select
    model, tier, from_on,
    lead(from_on) over (partition by model order by from_on, tier) as until_on,
    licence, evidence, evidence_rank, source, basis
from every
where from_on <= (select night from seed.night)
