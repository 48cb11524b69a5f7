-- One row per model whose reviewed line two operators of sources contradict tonight: it has closed and they state open, or
-- the other way round.  The line stays in force until it is reviewed.  Boards' flags are wrong too often to count here.
with seed_now as (
    select model, tier, licence, source, tier <> 'C' as open
    from staging.access_span
    where basis = 'seed' and tier <> 'U' and until_on is null and from_on <= night()
),
newest as (
    select n.model, c.source, c.open, c.known_on
    from staging.access_statement c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
    where c.open is not null and c.evidence <> 'board flag'
    qualify row_number() over (
        partition by n.model, c.source order by n.variant = '' desc, c.known_on desc, c.open, c.name
    ) = 1
),
against as (
    select
        w.model, o.operator, w.open, min(w.known_on) as known_on,
        string_agg(distinct w.source, ', ' order by w.source) as sources
    from newest w
    join input.source o on o.source = w.source
    join seed_now s on s.model = w.model and s.open <> w.open
    group by all
)
select
    a.model, s.tier, s.source as reviewed_source, a.open as sources_say_open, count(*) as operators,
    string_agg(a.sources, ', ' order by a.sources) as sources,
    list_sort(list(a.known_on))[2] as known_on
from against a
join seed_now s using (model)
group by all
having count(*) >= 2
