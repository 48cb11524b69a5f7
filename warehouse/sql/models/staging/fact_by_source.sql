-- One row per model, fact and source: the source's present statement, with the rank of its evidence (1 is the
-- strongest).
-- The reviewed seed is a source of rank 0. A source's newest statement counts, so that a model whose weights came later
-- is no contradiction; the statement under the plain name counts where there is one.
-- A Hub repository made in the month before the weights were published is a bound and no contradiction.
-- The value is kept as text; `amount` (days since 1970, parameters) measures the distance of two values.
with claims as (
    select
        n.model, c.source, c.open, c.licence, c.known_on, n.variant,
        evidence_rank(c.evidence)
            as evidence_rank
    from staging.access_statement c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
),
openness as (
    select model, source, arg_max(open, (variant = '', known_on, open)) as open, min(evidence_rank) as evidence_rank
    from claims where open is not null
    group by model, source
),
licences as (
    select
        model, source, arg_max(licence, (variant = '', known_on, licence)) as licence,
        min(evidence_rank) as evidence_rank
    from claims where licence <> '' and open is distinct from false
    group by model, source
),
seed_now as (
    select model, tier, licence
    from staging.access_span
    where basis = 'seed' and until_on is null
),
dates as (
    select
        t.model, t.source, t.happened_on, 'release date' as fact,
        case s.kind when 'announcements' then 1 when 'hub' then 2 when 'leaderboard' then 4 else 3 end as evidence_rank
    from staging.date_by_source t
    join input.source s using (source)
    where t.kind = 'released'
    union all
    select t.model, t.source, t.happened_on, 'weights date', case s.kind when 'hub' then 1 else 3 end
    from staging.date_by_source t
    join input.source s using (source)
    left join staging.model_date d using (model)
    where
        t.kind = 'weights'
        or (t.kind = 'listed' and s.kind = 'hub' and t.happened_on not between d.weights_on - 30 and d.weights_on)
    union all
    select model, 'seed', coalesce(announced_on, api_on), 'release date', 0
    from seed.model where coalesce(announced_on, api_on) is not null
    union all
    select model, 'seed', weights_on, 'weights date', 0
    from seed.model where weights_on is not null
)
select
    model, 'openness' as fact, source, case when open then 'open' else 'closed' end as value,
    null::double as amount, evidence_rank
from openness
union all
select model, 'openness', 'seed', case tier when 'C' then 'closed' else 'open' end, null, 0
from seed_now where tier <> 'U'
union all
select model, 'licence', source, licence, null, evidence_rank
from licences
union all
select model, 'licence', 'seed', licence, null, 0
from seed_now where is_open(tier) and licence <> ''
union all
select model, fact, source, strftime(happened_on, '%Y-%m-%d'), happened_on - date '1970-01-01', evidence_rank
from dates
union all
select model, 'parameters', source, format('{:.4g}', value), value, 3
from staging.spec_by_source where quantity = 'parameters'
union all
select model, 'parameters', 'seed', format('{:.4g}', parameters), parameters, 0
from seed.model where parameters is not null
