-- One row per grade and pool of records: how long open weights took (claim catch-up-3-6-months).
-- What counts of a domain are the records of its boards: there are some for every domain, and the claim has been judged by
-- them from the first night on.  The composite of a domain, where there is one, is shown beside them.
with boards as (
    select domain as scope, count(*) as n_boards from staging.claim_board group by domain
    union all
    select unnest(['overall', 'boards']), count(*) from staging.claim_board
)
select
    'catch-up-3-6-months' as claim_id, s.grade as part,
    case s.scope_kind when 'domain composite' then s.scope || ' (composite)' else s.scope end as scope, s.tier,
    case
        when s.tier = 'any' and s.scope_kind = 'overall' and s.grade = 'match' then 'headline'
        when s.tier = 'any' and s.scope_kind in ('overall', 'domain') then 'counts'
        else 'shown'
    end as role,
    s.median_days as estimate, s.median_lo as lo, s.median_hi as hi,
    s.n_clusters as n, 'open releases' as n_what, b.n_boards,
    concat_ws(
        '; ', format('{} of {} closed records have been reached', s.n_events, s.n_records),
        case when s.n_before > 0 then format('{} of them before the closed model came, counted as 0 days', s.n_before) end,
        case when s.n_underpowered > 0 then format('{} not reached where the boards cannot tell such models apart', s.n_underpowered) end,
        s.reason
    ) as note,
    false as missing
from marts.survival s
left join boards b on b.scope = s.scope
where s.grade in ('match', 'parity')
union all
select
    'catch-up-3-6-months', 'lag', scope, tier, 'shown', lag_days, lag_lo, lag_hi, 1, 'night', null,
    nullif(concat_ws(' ', 'behind', closed_model), 'behind'), false
from marts.gap_index
where night = night() and scope_kind = 'overall' and lag_days is not null
