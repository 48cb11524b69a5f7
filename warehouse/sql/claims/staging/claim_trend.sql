-- One row per pool, tier and grade: the pre-registered trend test with both families and every record left out (claim gap-narrows).
select
    'gap-narrows' as claim_id, grade as part, scope, tier,
    case
        when tier = 'any' and scope = 'overall' and grade = 'match' then 'headline'
        when tier = 'any' and scope = 'overall' then 'counts'
        else 'shown'
    end as role,
    arg_max(ratio_per_year, hi) as estimate,
    min(lo) as lo,
    max(greatest(hi, worst_hi)) as hi,
    max(n_clusters) as n, 'open releases' as n_what, null::bigint as n_boards,
    concat_ws(
        '; ', string_agg(format('{} {:.2f} ({:.2f} to {:.2f})', family, ratio_per_year, lo, hi), ', ' order by family),
        case
            when max(worst_hi) >= 1 and max(hi) < 1
                then 'it fails without ' || arg_max(worst_left_out, worst_hi)
            else 'upper limit highest without ' || arg_max(worst_left_out, worst_hi)
        end,
        any_value(reason)
    ) as note,
    false as missing
from marts.trend
group by scope, tier, grade
