-- One row: the last day up to tonight on which tonight's fit can have changed.
-- A cell comes or goes, or a model has been scored on an instrument for a week, the time after which it no longer counts as
-- new (`SEASONED` in `warehouse/measures/abilities.py`).  Between such days every fit is the same.
with cells as (
    select known_from, known_to, min(known_from) over (partition by model, board, edition) as first_on
    from staging.irt_observation
    where isfinite(share)
),
days as (
    select unnest([known_from, known_to, first_on + 7]) as day
    from cells
)
select coalesce(max(day), date '1970-01-01') as day
from days
where day <= night()
