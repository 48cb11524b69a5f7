-- One row per composite, licence tier and span of `gap_calendar`: the gap between its frontiers as known tonight, on the
-- first night of the span, unrounded; and one row tonight for each domain that has no composite.
with slopes as (
    select scope, median(slope) as slope from computed.item group by scope
),
composites as (
    select
        n.night, n.nights, n.scope_kind, b.scope, n.edition, b.tier,
        case b.scope when 'overall' then 'all' else b.scope end as domain, 'ability' as metric, 'index points' as unit,
        b.closed_model, case when b.closed_model is not null then '' end as closed_variant,
        round(b.closed_theta, 9) as closed_score, b.closed_on,
        b.open_model, case when b.open_model is not null then '' end as open_variant,
        round(b.open_theta, 9) as open_score, b.open_on,
        b.gap, b.gap_lo, b.gap_hi, b.gap * s.slope as gap_std, b.gap_lo * s.slope as gap_std_lo,
        b.gap_hi * s.slope as gap_std_hi,
        -- 90 % limits lie 2 * z90() standard errors apart.
        z_resolution() * (b.gap_hi - b.gap_lo) / (2 * z90()) as resolution,
        b.ahead_sign * ((n.night - date '1970-01-01') - b.since) as lag_days, b.ahead_sign as lag_step,
        b.lag_lo_sign as lag_lo_step, b.lag_hi_sign as lag_hi_step,
        b.ahead_sign * (n.night - b.above_on) as lag_under, b.ahead_sign * (n.night - b.below_on) as lag_over,
        b.lag_lo_sign * ((n.night - date '1970-01-01') - b.since_lo) as lag_lo,
        b.lag_hi_sign * ((n.night - date '1970-01-01') - b.since_hi) as lag_hi,
        b.above_model as lag_above_model, b.below_model as lag_below_model, coalesce(b.censored, false) as censored,
        b.horizontal_days, b.horizontal_lo, b.horizontal_hi, b.horizontal_censored,
        (select margin from seed.margin where unit = 'index points') as margin,
        b.n_closed, b.n_open, n.observed_on, greatest(0, n.night - n.observed_on) as stale_days,
        b.gap is not null as comparable, n.frozen,
        coalesce(least(b.closed_share, b.open_share) < least_share(), false) as mostly_overall,
        case when mostly_overall then format(
            'mostly overall: {:.0f} % of the closed and {:.0f} % of the open leader''s '
            'ability is evidence of this domain, needs 20, so no lag and no state',
            100 * b.closed_share, 100 * b.open_share
        ) end as overall_again,
        c.provisional is not null or o.provisional is not null as provisional,
        concat_ws('; ', overall_again, 'closed leader: ' || c.provisional, 'open leader: ' || o.provisional) as care
    from staging.gap_calendar n
    join computed.ability_band b on b.scope = n.scope and b.tier = n.tier and b.valid_from = n.since
    join slopes s on s.scope = b.scope
    left join staging.operator_basis c on c.scope = b.scope and c.model = b.closed_model and n.night = night()
    left join staging.operator_basis o on o.scope = b.scope and o.model = b.open_model and n.night = night()
    where n.scope_kind <> 'board'
),
unplaced as (
    -- A composite that nobody is placed in says so tonight; a subject without offsets has boards only.
    select
        night() as night, 1 as nights, 'domain' as scope_kind, d.domain as scope,
        composite_edition() as edition, t.tier, d.domain, 'ability' as metric,
        'index points' as unit, false as comparable, false as provisional, false as frozen, 0 as n_closed, 0 as n_open,
        max(e.observed_on) as observed_on, night() - max(e.observed_on) as stale_days,
        case
            when d.domain in (select domain from seed.domain) then 'no model of both sides is placed in this domain tonight'
            else 'this subject has boards only: an offset from overall predicts its scores no better'
        end as missing
    from input.board d
    join staging.edition_seen e on e.board = d.board
    cross join licence_tiers() t
    where d.counts_for_index and d.domain not in (select scope from computed.ability_band)
    group by d.domain, t.tier
)
select * exclude (overall_again) from composites
union all by name
select * from unplaced
