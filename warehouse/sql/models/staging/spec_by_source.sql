-- One row per model, quantity and source: the source's present statement, under the plain name where it has one.
-- `place` orders sources by how direct they are: parameters counted in the files before curated figures,
-- a curated registry before a host's offer (a host may serve less context than the model has).
with newest as (
    select n.model, s.source, s.quantity, s.value, s.known_on, n.variant
    from staging.spec_fact s
    join staging.resolved_name n on n.source = s.source and n.name = s.name
    qualify s.known_on = max(s.known_on) over (partition by s.source, s.name, s.quantity)
),
plain as (
    select * from newest
    qualify (variant = '') = bool_or(variant = '') over (partition by model, source, quantity)
)
select
    model, quantity, source, max(value) as value, min(known_on) as known_on,
    row_number() over (
        partition by model, quantity
        order by coalesce(list_position([
            'hub-models', 'epoch-models', 'helm-model-metadata', 'models-dev-api',
            'artificial-analysis', 'openrouter-models'
        ], source), 99), source
    ) as place
from plain
group by model, quantity, source
