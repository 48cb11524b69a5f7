-- One row per figure on price and compute: halving times and floors (cost-to-zero), training FLOP (compute-compensated).
with pair as (
    -- One pair of models counts once, on however many boards it met.
    select distinct
        case scope_kind when 'overall' then 'overall' else 'boards' end as pool, closed_model, open_model, ratio
    from marts.parity_compute
    where
        tier = 'any' and grade in ('match', 'parity') and state not in ('retracted', 'superseded')
        and scope_kind in ('overall', 'board')
),
ordered as (
    select
        pool, list(ratio order by ratio) as ratios, count(*) as n,
        -- The ranks between which the median lies with 90 % confidence (signs; none below five pairs).
        greatest(1, floor((count(*) - z90_claim() * sqrt(count(*))) / 2)::integer) as low
    from pair group by pool
)
select
    'cost-to-zero' as claim_id, case level_id when 'frontier' then 'frontier' else 'halving' end as part,
    case level_id when 'frontier' then 'frontier' else split_part(title, ':', 1) end as scope, 'any' as tier,
    case when level_id = '130' then 'headline' when kind in ('fixed', 'frontier') then 'counts' else 'shown' end as role,
    halving_days as estimate, halving_lo as lo, halving_hi as hi,
    n_prices as n, 'prices' as n_what, null::bigint as n_boards,
    concat_ws(
        '; ', format('{:g} USD per million tokens on {}', first_usd, first_on),
        format('{:g} tonight ({})', floor_usd, floor_model), reason
    ) as note,
    false as missing
from marts.capability_price_trend
where basis = 'blended list price' and side = 'any' and tier = 'any' and kind <> 'leader'
union all
select
    'cost-to-zero', 'floor', split_part(title, ':', 1), 'any', 'shown', floor_usd, floor_usd, floor_usd,
    if(kind = 'frontier', 1, n_models), 'models on sale that reach it', null, format('{} at {} since {}', floor_model, floor_provider, floor_since), false
from marts.capability_price_trend
where basis = 'blended list price' and side = 'any' and tier = 'any' and floor_usd is not null
union all
select
    'compute-compensated', 'flop', pool, 'any', case pool when 'overall' then 'headline' else 'counts' end,
    list_aggregate(ratios, 'median'),
    case when n >= 5 then ratios[low] end, case when n >= 5 then ratios[n - low + 1] end,
    n, 'pairs of models with a known training compute', null,
    'an association, not a cause' || case when n < 5 then '; an interval needs five pairs' else '' end, false
from ordered
