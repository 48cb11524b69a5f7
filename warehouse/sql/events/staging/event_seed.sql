-- One row per model whose reviewed line two operators of sources contradict tonight: it has closed and they state open,
-- the other way round, or it states a licence and they name one of another tier.  The line stays in force until it is
-- reviewed.  Boards' flags are wrong too often to count here.  A line that has closed and that a repository of the model's
-- own lab has overruled (`access_own_repo`) is listed too, `overruled`, from the night on which it was believed.
with seed_now as (
    select s.model, s.tier, s.source, s.tier <> 'C' as open, a.licence is not null as states_licence
    from staging.access_span s
    join seed.access a using (model, from_on)
    where s.basis = 'seed' and s.tier <> 'U' and s.until_on is null
),
newest as (
    select n.model, c.source, c.open, l.tier, c.known_on
    from staging.access_statement c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
    left join seed.licence l on c.open and l.licence = lower(c.licence)
    where c.open is not null and c.evidence <> 'board flag'
    qualify row_number() over (
        partition by n.model, c.source order by n.variant = '' desc, c.known_on desc, c.open, c.name
    ) = 1
),
against as (
    select
        w.model, o.operator, s.open <> w.open as of_openness, case when w.open then 'open' else 'closed' end as openness,
        case when s.open and w.open then w.tier end as other_tier, min(w.known_on) as known_on,
        string_agg(distinct w.source, ', ' order by w.source) as sources
    from newest w
    join input.source o on o.source = w.source
    join seed_now s on s.model = w.model and (s.open <> w.open or (s.states_licence and s.open and w.tier <> s.tier))
    group by all
),
contradicted as (
    select
        a.model, s.tier, s.source as reviewed_source,
        case when not a.of_openness then 'a licence of tier ' || s.tier when s.open then 'open' else 'closed' end as we_say,
        case when a.of_openness then a.openness else 'one of tier ' || a.other_tier end as sources_say,
        count(*) as operators, string_agg(a.sources, ', ' order by a.sources) as sources,
        list_sort(list(a.known_on))[2] as known_on
    from against a
    join seed_now s using (model)
    group by all
    having count(*) >= 2
),
overruled as (
    select
        o.model, a.tier, a.source as reviewed_source, 'closed' as we_say, o.source || ' names ' || o.repo as sources_say,
        1 as operators, o.source as sources, greatest(o.confirmed_on, s.from_on) as known_on, s.from_on as open_from
    from staging.access_own_repo o
    join staging.access_span s on s.model = o.model and s.basis = 'sources' and s.source = o.source || ' names ' || o.repo
    join seed.access a on a.model = o.model and a.tier = 'C'
    qualify row_number() over (partition by o.model order by a.from_on desc) = 1
),
every as (
    select *, null::date as open_from from contradicted
    union all by name
    select * from overruled
)
from every qualify row_number() over (partition by model order by open_from nulls last, operators desc, sources_say) = 1
