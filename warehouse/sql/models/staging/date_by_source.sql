-- One row per model, source and kind of date (released | weights | listed): the date this source gives it.
-- The date under the plain name counts where there is one: a registry's gpt-4o-2024-08-06 is a later snapshot of
-- GPT-4o, not another date of it. A source's newest statement counts; a lab's announcement is a source like others.
with newest as (
    select
        n.model, r.source, n.variant, r.name, r.happened_on, r.known_on,
        case when r.event in ('weights', 'listed') then r.event else 'released' end as kind
    from staging.release_fact r
    join staging.resolved_name n on n.source = r.source and n.name = r.name
    qualify r.known_on = max(r.known_on) over (partition by r.source, r.name, kind)
),
plain as (
    select * from newest
    qualify (variant = '') = bool_or(variant = '') over (partition by model, source, kind)
)
select model, source, kind, min(happened_on) as happened_on, min(known_on) as known_on
from plain
group by model, source, kind
union all by name
select t.model, a.source, 'released' as kind, min(a.published_on) as happened_on, min(a.known_on) as known_on
from staging.announcement_seen a
join input.announced t on t.source = a.source and t.lab = a.lab and t.guid = a.guid
where t.is_release and a.published_on is not null
group by t.model, a.source
