-- One row per scope, edition, tier and horizon: how far gap and lag of a night were revised after they had been known
-- for so many days (METHOD section 2).  From horizons 0 to 56 `gap_index` takes the nowcast band of the last 60 nights.
-- A revision is the figure known 63 days after the night minus the one known `horizon` days after it, over the Mondays
-- of the last two years.  All revisions cover the same age, so that older weeks, known for longer, do not count for
-- more.
-- Row 63 has the later revisions, tonight's figure minus the one after 63 days; it is not part of the band.
-- Limits are order statistics.  Revisions of Mondays nearer to each other than 63 - horizon days share their news, so a
-- week is `worth` 7 / (63 - horizon) of one that stands alone (counted whole, their quantiles held 77 to 90 % of the
-- gaps of overall in the year to 2026-06 where 90 % were aimed at).  The k-th revision from either end is the limit, k
-- being 5 % of what the weeks are worth and one more; where that is below 1, as in row 63, the least and the greatest.
-- Key: scope, edition, tier, horizon_days
with revised as (
    select
        a.scope_kind, a.scope, a.edition, a.tier, a.horizon, a.as_of,
        f.gap - a.gap as gap, f.lag_days - a.lag_days as lag
    from staging.frontier_as_known a
    join staging.frontier_as_known f
        on
            f.scope = a.scope and f.edition = a.edition and f.tier = a.tier and f.as_of = a.as_of
            and f.horizon is not distinct from case when a.horizon < 63 then 63 end
    where a.horizon is not null
),
sorted as (
    select
        scope_kind, scope, edition, tier, horizon,
        list(gap order by gap) filter (gap is not null) as gaps,
        list(lag order by lag) filter (lag is not null) as lags,
        count(gap) as n_gap, count(lag) as n_lag,
        case when horizon < 63 then 7 / (63 - horizon) else 0 end as worth
    from revised
    group by all
),
ranked as (
    select
        *,
        case when n_gap >= 26 then greatest(1, floor((n_gap * worth + 1) / 20))::integer end as gap_rank,
        case when n_lag >= 26 then greatest(1, floor((n_lag * worth + 1) / 20))::integer end as lag_rank
    from sorted
)
select
    scope_kind,                                                     -- board | domain | overall
    scope,                                                          -- the board, domain or `overall`
    edition,                                                        -- its edition
    tier,                                                           -- any | T1
    horizon as horizon_days,                                        -- days for which the night had been known: 0 to 56; 63: what came after them
    n_gap::integer as n_gap,                                        -- weeks behind the revision of the gap
    round(gaps[gap_rank], 9) as gap_lo,                             -- lower limit of the revision of the gap, in its unit; NULL: fewer than 26 weeks
    case when n_gap >= 26 then round(list_median(gaps), 9) end as gap_mid,  -- its median
    round(gaps[n_gap + 1 - gap_rank], 9) as gap_hi,                 -- its upper limit
    n_lag::integer as n_lag,                                        -- weeks behind the revision of the lag: those in which it had a centre both times
    round(lags[lag_rank], 3) as lag_lo,                             -- lower limit of the revision of lag_days; NULL: fewer than 26 weeks
    case when n_lag >= 26 then round(list_median(lags), 3) end as lag_mid,  -- its median
    round(lags[n_lag + 1 - lag_rank], 3) as lag_hi,                 -- its upper limit
    gap_rank as gap_from_end,                                       -- which revision from either end is the limit: 1 is the least and the greatest
    lag_rank as lag_from_end,                                       -- the same for the lag
    nullif(concat_ws(
        '; ',
        case when n_gap < 26 then format('{} weeks have a gap to compare, needs 26', n_gap) end,
        case when n_lag < 26 then format('{} weeks have a lag to compare, needs 26', n_lag) end
    ), '') as reason                                                -- why something is NULL
from ranked
