-- One row per candidate that can lead its side of a board edition and tier on some date: a model that came later than
-- another that stays, and is worse, never does, and bounds no lag.  A tenth of `staging.frontier_candidate`, so what is
-- joined with every date is joined with this.  Of those that count on a date the one with the least `place` leads.
-- Parts: board, by staging.frontier_candidate.board
with able as (
    select * from staging.frontier_candidate
    qualify signed >= coalesce(max(signed) filter (until_on is null) over (
        partition by board, edition, tier, side order by from_on, until_on desc nulls first, signed desc, model
        rows between unbounded preceding and 1 preceding
    ), '-infinity'::double)
)
select
    *,
    row_number() over (
        partition by board, edition, tier, side order by signed desc, from_on, model, provisional
    ) as place
from able
