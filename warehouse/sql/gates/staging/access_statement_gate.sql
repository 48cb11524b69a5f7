-- One row per change of a statement on a model's access, with the result of gate G8: `held` is empty where it counts.
-- Boards and registries mislabel openness more than anything else, so a changed label needs a second witness: another
-- source with the same statement on that model, the Hub's files, or a week in which the label stayed and named a
-- repository of the model's own lab (a registry that names none has "closed" for ever).  Where a source changes many
-- labels in one night, none of that night counts without one.
with owner as (
    select developer, lower(unnest(string_split(hub_owners, '|'))) as owner from seed.developer where hub_owners is not null
),
stated as (
    select
        c.*, n.model, o.owner is not null as own_repo,
        last_value(c.open ignore nulls) over (
            partition by c.source, c.name, c.evidence order by c.known_on
            rows between unbounded preceding and 1 preceding
        ) as open_before
    from staging.access_statement c
    left join staging.resolved_name n on n.source = c.source and n.name = c.name
    left join owner o on o.developer = n.developer and o.owner = lower(split_part(c.repo, '/', 1))
),
flagged as (
    select
        *, open is not null and open_before is not null and open <> open_before as flipped,
        min(known_on) over (partition by source, evidence, coalesce(model, name)) as first_on
    from stated
),
nightly as (
    select
        source, evidence, known_on, count(distinct coalesce(model, name)) filter (where flipped) as flips,
        count(distinct coalesce(model, name)) filter (where known_on = first_on) as fresh
    from flagged group by all
),
counted as (
    select *, sum(fresh) over (partition by source, evidence order by known_on) as models from nightly
),
broken as (
    select
        c.source, c.evidence, c.known_on, c.flips, c.models,
        c.flips > l.flips_allowed and c.flips > l.flips_a_night * c.models as rejected
    from counted c
    cross join staging.gate_limit l
),
witness as (
    select distinct source, model, open, evidence = 'hub files' as files from flagged where open is not null
),
seconded as (
    select f.model, f.source, f.open, min(w.source) as by_source
    from (select distinct source, model, open from flagged where open is not null) f
    join witness w on w.model = f.model and w.open = f.open and (w.source <> f.source or w.files)
    group by all
)
select
    f.* exclude (first_on), b.flips, b.models, b.rejected, s.by_source as seconded_by,
    case
        when not (f.flipped or (b.rejected and f.open is not null)) or f.evidence = 'hub files' then ''
        when
            s.by_source is not null
            or (f.open and f.own_repo and not b.rejected and f.known_on <= night() - 7)
            or exists (select 1 from input.override d where starts_with(f.sha256, d.sha256) and d.sha256 <> '') then ''
        when b.rejected then format('{} of {} labels turned in one night', b.flips, b.models)
        else format('turned {} without a second witness', case when f.open then 'open' else 'closed' end)
    end as held
from flagged f
join broken b on b.source = f.source and b.evidence = f.evidence and b.known_on = f.known_on
left join seconded s on s.source = f.source and s.model = f.model and s.open = f.open
