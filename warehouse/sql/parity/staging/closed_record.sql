-- One row per scope, night of news and closed frontier record as known then (METHOD section 4).
-- A record raised the closed frontier by more than the joint standard error, where there is one; in a domain one that is
-- mostly the overall index (share of own evidence below 0.2) raises the frontier and is no record of the domain.
with steps as (
    select
        *, max(signed) over earlier as before, arg_max_null(stderr, signed) over earlier as before_stderr
    from staging.asof_scores
    where side = 'closed'
    window earlier as (
        partition by scope, edition, valid_from order by from_on, signed desc, model
        rows between unbounded preceding and 1 preceding
    )
)
select * exclude (before, before_stderr)
from steps
where (before is null or signed - before > coalesce(sqrt(stderr ** 2 + before_stderr ** 2), 0)) and share >= 0.2
