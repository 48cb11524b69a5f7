-- One row per pool of boards: which side moves frontiers first, and for how long (claim speed-first).
-- A release advances a frontier where its score is above every earlier one of either side on a board's newest edition;
-- the first record of an edition only opens it.
with record as (
    select
        f.scope, f.edition, f.side, f.model, f.from_on, b.domain,
        f.score * if(b.better = 'higher', 1, -1) as signed
    from marts.frontier f
    join staging.claim_board b on b.board = f.scope and b.edition = f.edition
    where f.tier = 'any' and f.provisional is not true and f.from_on <= night()
),
advance as (
    select * from record
    qualify signed > max(signed) over (
        partition by scope, edition order by from_on, signed desc, side, model
        rows between unbounded preceding and 1 preceding
    )
),
pooled as (
    select 'boards' as pool, side, model, scope from advance
    union all
    select domain, side, model, scope from advance
),
counted as (
    select
        pool, count(distinct row(side, model)) as n, count(distinct model) filter (where side = 'closed') as closed,
        count(distinct scope) as n_boards, count(*) filter (where side = 'closed') as closed_advances, count(*) as advances
    from pooled group by pool
)
select
    'speed-first' as claim_id, 'share' as part, pool as scope, 'any' as tier,
    case pool when 'boards' then 'headline' else 'shown' end as role,
    closed / n as estimate,
    wilson_lo(closed, n) as lo,
    wilson_hi(closed, n) as hi,
    n, 'releases that moved a frontier' as n_what, n_boards,
    format('{} of the {} times that a frontier moved, a closed model moved it', closed_advances, advances) as note, false as missing
from counted
union all
select
    'speed-first', 'lead', scope, tier, case scope_kind when 'overall' then 'counts' else 'shown' end,
    median_days, median_lo, median_hi, n_clusters, 'open releases', null, reason, false
from marts.survival
where tier = 'any' and grade = 'match' and scope_kind in ('overall', 'boards')
