-- One row per model and stretch of dates on which it had one access tier, with the evidence for it.
-- Reviewed lines come first (`access_reviewed`); without one the sources decide (`access_by_source`).
-- A reviewed line overrules only what it states: where it has closed, weights that come out afterwards (files on the
-- Hub, or a changed label with a second witness) are accepted, and so is a repository of the model's own lab that came
-- after the line and was named for a week (`access_own_repo`: without that, a line written while a model was only served
-- kept MiniMax-M2.7 closed for ever, and registries that mean the served model Grok-2).
-- A later dated checkpoint without statements of its own has the access of its release at that time.
with seeded as (
    select model, max(from_on) as from_on, max(known_on) as known_on, arg_max(tier, from_on) as tier
    from staging.access_reviewed group by model
),
opened as (
    select f.* exclude (closed_from_on, first)
    from staging.access_by_source f
    join seeded s using (model)
    where s.tier = 'C' and is_open(f.tier) and f.from_on > s.from_on and (f.evidence_rank = 1 or not f.first)
    qualify row_number() over (partition by f.model order by f.from_on) = 1
),
closed_since as (
    select model, from_on, known_on from seeded where tier = 'C'
    union all
    select model, max(from_on), max(from_on) from staging.access_by_source
    where model not in (select model from seeded)
    group by model
    having arg_max(tier, from_on) = 'C'
),
-- Whose label turned to open has seen the change; where none did, the naming of the repository bounds it.
own_repo as (
    select
        r.model, open_tier(l.tier) as tier,
        coalesce(d.weights_on, list_filter(r.turned_on, lambda turn: turn > c.from_on)[1], r.named_on) as from_on,
        r.licence, evidence_kinds()[3] as evidence, 3 as evidence_rank, r.source || ' names ' || r.repo as source,
        'sources' as basis
    from staging.access_own_repo r
    join closed_since c on c.model = r.model and c.known_on < r.named_on
    join staging.model_date d on d.model = r.model
    left join seed.licence l on l.licence = lower(r.licence)
    where r.model not in (select model from opened)
),
inherited as (
    select
        n.model, s.tier, greatest(s.from_on, n.available_on) as from_on, s.licence, s.evidence, s.evidence_rank,
        'that of its release ' || n.checkpoint_of as source, 'sources' as basis
    from (
        select model, checkpoint_of, coalesce(dated_on, available_on) as available_on
        from staging.resolved_model join staging.model_date using (model)
    ) n
    join (select *, lead(from_on) over (partition by model order by from_on) as until_on from staging.access_reviewed) s
        on s.model = n.checkpoint_of and coalesce(s.until_on > n.available_on, true)
    where n.model not in (select model from staging.access_by_source where tier <> 'U')
),
every as (
    select * exclude (known_on) from staging.access_reviewed
    union all by name
    select * from opened
    union all by name
    select * from own_repo
    union all by name
    select * exclude (closed_from_on, first) from staging.access_by_source
    where model not in (select model from seeded) and model not in (select model from inherited)
    union all by name
    select * exclude (closed_from_on, first) replace ('C' as tier, closed_from_on as from_on, '' as licence)
    from staging.access_by_source
    where
        closed_from_on is not null and model not in (select model from seeded)
        and model not in (select model from inherited)
    union all by name
    select * from inherited where model not in (select model from seeded)
),
begun as (
    select * from every where from_on <= night()
    qualify row_number() over (partition by model, from_on order by evidence_rank, tier) = 1
)
select
    model, tier, from_on,
    lead(from_on) over (partition by model order by from_on) as until_on,
    licence, evidence, evidence_rank, source, basis
from begun
