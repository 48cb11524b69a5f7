-- One row per model whose weights can be had: since when, under what licence, and since when we know.
-- Known on: the first night a source called it open or gave the date of its weights; where only the reviewed seed says
-- so, the first night after the weights on which any source named the model.
with first_open as (
    select model, tier, from_on, licence, evidence, source, basis
    from staging.access_span
    where is_open(tier)
    qualify row_number() over (partition by model order by from_on, tier) = 1
),
stated as (
    select n.model, min(c.known_on) as stated_on
    from staging.access_statement c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
    where c.open
    group by n.model
    union all
    select n.model, min(r.known_on)
    from staging.release_fact r
    join staging.resolved_name n on n.source = r.source and n.name = r.name
    where r.event = 'weights'
    group by n.model
),
named as (
    select n.model, min(o.known_on) as named_on
    from staging.observation o
    join staging.resolved_name n on n.source = o.source and n.name = o.name
    group by n.model
    union all
    select n.model, min(r.known_on)
    from staging.release_fact r
    join staging.resolved_name n on n.source = r.source and n.name = r.name
    group by n.model
),
known as (
    select model, greatest(o.from_on, coalesce(min(t.stated_on), min(d.named_on))) as known_on
    from first_open o
    left join stated t using (model)
    left join named d using (model)
    group by model, o.from_on
)
select o.*, h.known_on
from first_open o
join known h using (model)
where h.known_on is not null
