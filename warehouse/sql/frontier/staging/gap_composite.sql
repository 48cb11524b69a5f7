-- One row per night, composite and licence tier: the gap between its frontiers as known tonight, unrounded; and one
-- row tonight for each domain that has no composite.
with nights as (
    select unnest(generate_series(date '2023-01-01', night(), interval 1 day))::date as night
),
scope_seen as (
    -- A composite is as new as the newest table it stands on, and frozen when all of them are.
    select
        i.scope, max(e.observed_on) as observed_on, max(e.observed_on + b.frozen_after_days) as frozen_from,
        median(i.slope) as slope
    from computed.item i
    join staging.edition_seen e on e.board = i.board and e.edition = i.edition
    join staging.board_rhythm b on b.board = i.board
    group by i.scope
),
composites as (
    select
        n.night, case b.scope when 'overall' then 'overall' else 'domain' end as scope_kind, b.scope,
        composite_edition() as edition, b.tier,
        case b.scope when 'overall' then 'all' else b.scope end as domain, 'ability' as metric, 'index points' as unit,
        b.closed_model, case when b.closed_model is not null then '' end as closed_variant,
        round(b.closed_theta, 9) as closed_score, b.closed_on,
        b.open_model, case when b.open_model is not null then '' end as open_variant,
        round(b.open_theta, 9) as open_score, b.open_on,
        b.gap, b.gap_lo, b.gap_hi, b.gap * s.slope as gap_std, b.gap_lo * s.slope as gap_std_lo,
        b.gap_hi * s.slope as gap_std_hi,
        -- 90 % limits lie 2 * z90() standard errors apart.
        z_resolution() * (b.gap_hi - b.gap_lo) / (2 * z90()) as resolution,
        b.ahead_sign * ((n.night - date '1970-01-01') - b.since) as lag_days,
        b.ahead_sign * (n.night - b.above_on) as lag_under, b.ahead_sign * (n.night - b.below_on) as lag_over,
        b.lag_lo_sign * ((n.night - date '1970-01-01') - b.since_lo) as lag_lo,
        b.lag_hi_sign * ((n.night - date '1970-01-01') - b.since_hi) as lag_hi,
        b.above_model as lag_above_model, b.below_model as lag_below_model, coalesce(b.censored, false) as censored,
        b.horizontal_days, b.horizontal_lo, b.horizontal_hi, b.horizontal_censored,
        (select margin from seed.margin where unit = 'index points') as margin,
        b.n_closed, b.n_open, s.observed_on, greatest(0, n.night - s.observed_on) as stale_days,
        b.gap is not null as comparable, n.night > s.frozen_from as frozen,
        coalesce(least(b.closed_share, b.open_share) < 0.2, false) as mostly_overall,
        case when mostly_overall then format(
            'mostly overall: {:.0f} % of the closed and {:.0f} % of the open leader''s '
            'ability is evidence of this domain, needs 20, so no lag and no state',
            100 * b.closed_share, 100 * b.open_share
        ) end as overall_again,
        c.provisional is not null or o.provisional is not null as provisional,
        concat_ws('; ', overall_again, 'closed leader: ' || c.provisional, 'open leader: ' || o.provisional) as care
    from computed.ability_band b
    join nights n on n.night >= b.valid_from and (b.next_on is null or n.night < b.next_on)
    join scope_seen s on s.scope = b.scope
    left join staging.operator_basis c on c.scope = b.scope and c.model = b.closed_model and n.night = night()
    left join staging.operator_basis o on o.scope = b.scope and o.model = b.open_model and n.night = night()
),
unplaced as (
    -- A composite that nobody is placed in says so tonight; a subject without offsets has boards only.
    select
        night() as night, 'domain' as scope_kind, d.domain as scope,
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
