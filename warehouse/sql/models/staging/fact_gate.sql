-- One row per quantity or date that a source states of a model under its plain name, with the result of gate G13: `held`
-- is empty where it counts.  Distances are in powers of ten for quantities, and in quarters of a year for dates.
-- - A value that another source confirms counts at once.
-- - One that jumped by more than one such step from what its source stated before waits for a second reading.
-- - One that is a step away from all other sources, while two of those agree, waits for a witness.
with fact as (
    select source, name, quantity as kind, log10(value) as amount, format('{:g}', value) as written, url, sha256, known_on
    from staging.spec_seen
    where value > 0 and quantity in ('parameters', 'active_parameters', 'context_tokens', 'training_flop')
    union all by name
    select
        source, name, 'date of ' || event as kind, (happened_on - date '1970-01-01') / 91.3 as amount,
        happened_on::varchar as written, url, sha256, known_on
    from staging.release_seen
    where event <> 'listed'
),
reading as (
    select distinct source, regexp_replace(url, '\d{4}-\d\d-\d\d', '*', 'g') as listing, known_on as read_on from fact
    union
    select source, regexp_replace(url, '\d{4}-\d\d-\d\d', '*', 'g'), night
    from raw.fetch_result
),
stated as (
    select
        row_number() over (order by f.source, f.name, f.kind, f.known_on) as n,
        f.*, s.model,
        case when f.kind like 'date of%' and f.kind <> 'date of weights' then 'date of release' else f.kind end as what,
        lead(f.known_on) over entry as changed_on,
        list(f.amount) over (entry rows between 3 preceding and 1 preceding) as past,
        lag(f.written) over entry as was
    from fact f
    join staging.resolved_name s on s.source = f.source and s.name = f.name and s.variant = ''
    window entry as (partition by f.source, f.name, f.kind order by f.known_on)
),
others as (
    select
        p.n, list(distinct o.source) as sources, min(abs(o.amount - p.amount)) as nearest,
        min(o.known_on) filter (where abs(o.amount - p.amount) <= l.facts_agree) as witnessed_on,
        max(o.amount) - min(o.amount) as spread, arg_min(o.written, (abs(o.amount - p.amount), o.written)) as elsewhere
    from stated p
    join stated o
        on
            o.model = p.model and o.what = p.what and o.source <> p.source
            and (o.changed_on is null or o.changed_on > p.known_on)
            and (p.changed_on is null or p.changed_on > o.known_on)
    cross join staging.gate_limit l
    group by p.n
),
again as (
    select p.n, min(r.read_on) as read_on
    from stated p
    join reading r
        on
            r.source = p.source and r.listing = regexp_replace(p.url, '\d{4}-\d\d-\d\d', '*', 'g') and r.read_on > p.known_on
            and (p.changed_on is null or r.read_on < p.changed_on)
    group by p.n
),
judged as (
    select
        p.*, a.read_on, o.elsewhere,
        case when o.witnessed_on is not null then greatest(p.known_on, o.witnessed_on) end as witnessed_on,
        list_min(list_transform(p.past, lambda one: abs(one - p.amount))) as step,
        coalesce(len(o.sources) >= l.sources_that_contradict and o.nearest > l.fact_jump and o.spread <= l.facts_agree, false) as contradicted,
        (
            select min(d.sha256) from input.override d where d.sha256 <> '' and starts_with(p.sha256, d.sha256)
        ) is not null as decided,
        l.fact_jump
    from stated p
    cross join staging.gate_limit l
    left join others o on o.n = p.n
    left join again a on a.n = p.n
),
reasoned as (
    select
        *,
        case when contradicted then 'sources that contradict' when step > fact_jump then 'fact jump' else '' end as rule,
        case
            when decided then known_on
            else coalesce(witnessed_on, case when not contradicted then read_on end)
        end as settled_on
    from judged
)
select
    source, name, model, kind, known_on, url, sha256, rule, step,
    case when rule <> '' then settled_on end as believed_on,
    case
        when rule = '' or settled_on is not null then ''
        when rule = 'fact jump' then format('{} after {}', written, was)
        else format('{}; other sources state {}', written, elsewhere)
    end as held
from reasoned
