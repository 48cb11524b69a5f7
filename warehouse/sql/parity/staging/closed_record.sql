-- One row per scope, night of news and closed frontier record as known then (METHOD section 4).
-- A record raised the closed frontier by more than the joint standard error, where there is one; in a domain one that is
-- mostly the overall index (share of own evidence below 0.2) raises the frontier and is no record of the domain.
-- What was a record stays one until it falls below the earlier frontier by more than that error: GPT-5.2 on GDPval-AA lay
-- 1.3 points above Claude Opus 4.5, then 0.4 below, then 0.2 above, and its events came and went with it.  `raised`: it
-- raised the frontier as known on that very night; how long records took to be reached is measured on these.
-- Parts: scope, by staging.asof_scores.scope
with steps as (
    select
        *, max(signed) over earlier as before, arg_max_null(stderr, signed) over earlier as before_stderr
    from staging.asof_scores
    where side = 'closed'
    window earlier as (
        partition by scope, edition, valid_from order by from_on, signed desc, model
        rows between unbounded preceding and 1 preceding
    )
),
marked as (
    select
        *,
        case
            when before is null or signed - before > coalesce(sqrt(stderr ** 2 + before_stderr ** 2), 0) then true
            when signed - before <= -coalesce(sqrt(stderr ** 2 + before_stderr ** 2), 0) then false
        end as raised
    from steps
)
select * exclude (before, before_stderr) replace (coalesce(raised, false) as raised)
from marked
qualify
    last_value(raised ignore nulls) over (
        partition by scope, edition, model order by valid_from rows between unbounded preceding and current row
    ) and share >= least_share()
