-- One row per night, scope, edition and licence tier: how far open weights were behind closed models that night, as
-- known tonight (METHOD section 3).  Scopes are boards, domains and `overall`.  A board's edition is followed from the first night on which comparable sides count
-- until tonight; one that is neither its board's newest nor fresh leaves when it is frozen.
with nights as (
    select unnest(generate_series(date '2023-01-01', (select night from seed.night), interval 1 day))::date as night
),
facts as (
    select b.*, e.edition, e.observed_on, e.newest
    from staging.edition_seen e
    join seed.board b on b.board = e.board
),
daily as (
    select
        n.night, f.board, f.edition, f.domain, f.unit, f.better, f.low, f.high, f.chance, f.ceiling,
        f.counts_for_index, f.why_not, f.observed_on, f.frozen_after_days, f.newest,
        s.tier, s.valid_from as since, s.* exclude (board, edition, tier, valid_from, next_on),
        greatest(0, n.night - f.observed_on) as stale_days,
        r.ahead, r.level, r.above_on, r.above_signed, r.above_model, r.below_on, r.below_signed, r.below_model,
        l.gap_lo, l.gap_hi, l.gap_std_lo, l.gap_std_hi, l.lag_lo_sign, l.since_lo, l.lag_hi_sign, l.since_hi,
        l.horizontal_days, l.horizontal_lo, l.horizontal_hi, l.horizontal_censored,
        m.margin as flat_margin, m.share as margin_share
    from staging.frontier_state s
    join facts f on f.board = s.board and f.edition = s.edition
    join nights n on n.night >= s.valid_from and (s.next_on is null or n.night < s.next_on)
    left join staging.lag_bracket r
        on r.board = s.board and r.edition = s.edition and r.tier = s.tier and r.valid_from = s.valid_from
    left join computed.band l
        on l.board = s.board and l.edition = s.edition and l.tier = s.tier and l.valid_from = s.valid_from
    left join seed.margin m on m.unit = f.unit
    where f.newest or n.night - f.observed_on <= f.frozen_after_days
),
scaled as (
    select
        *,
        stale_days > frozen_after_days as frozen,
        closed_score is not null and open_score is not null as comparable,
        coalesce(ceiling, high) as top,
        coalesce(chance, low) as bottom
    from daily
),
normal as (
    select
        *,
        case when unit = 'rating' or not comparable then null
            else least(0.999, greatest(0.001, case better when 'higher' then (closed_score - bottom) / (top - bottom)
                else (top - closed_score) / (top - bottom) end)) end as closed_p,
        case when unit = 'rating' or not comparable then null
            else least(0.999, greatest(0.001, case better when 'higher' then (open_score - bottom) / (top - bottom)
                else (top - open_score) / (top - bottom) end)) end as open_p
    from scaled
),
measured as (
    select
        *,
        closed_signed - open_signed as difference,
        case
            when unit = 'rating' then difference * ln(10) / 400
            else ln(closed_p / (1 - closed_p)) - ln(open_p / (1 - open_p))
        end as standardised,
        case
            when closed_stderr is not null and open_stderr is not null
                then 2.49 * sqrt(closed_stderr ** 2 + open_stderr ** 2)
            when unit in ('%', 'fraction', 'points') and closed_n is not null and open_n is not null
                then 2.49 * (top - bottom)
                    * sqrt(closed_p * (1 - closed_p) / closed_n + open_p * (1 - open_p) / open_n)
        end as smallest,
        case ahead when 'open' then -1 else 1 end as sign,
        night - above_on as days_above,
        night - below_on as days_below,
        case when below_on is null then null
            else days_below - (above_on - below_on) * (level - below_signed) / (above_signed - below_signed)
        end as days_between
    from normal
),
boards as (
    select
        night, 'board' as scope_kind, board as scope, edition, tier, domain, 'score' as metric, unit,
        closed_model, closed_variant, closed_score, closed_on, open_model, open_variant, open_score, open_on,
        difference as gap, gap_lo, gap_hi, standardised as gap_std, gap_std_lo, gap_std_hi, smallest as resolution,
        sign * days_between as lag_days, sign * days_above as lag_under, sign * days_below as lag_over,
        lag_lo_sign * ((night - date '1970-01-01') - since_lo) as lag_lo,
        lag_hi_sign * ((night - date '1970-01-01') - since_hi) as lag_hi,
        above_model as lag_above_model, below_model as lag_below_model, below_on is null as censored,
        horizontal_days, horizontal_lo, horizontal_hi, horizontal_censored,
        coalesce(flat_margin, margin_share * (top - bottom)) as margin,
        n_closed, n_open, observed_on, stale_days, comparable, frozen,
        concat_ws('; ',
            case when open_basis_late then format('{} was released before its weights, which count from {}',
                open_title, open_on) end,
            case when not counts_for_index then 'not in the index: ' || why_not end) as care
    from (
        select m.*, coalesce(d.available_on < m.open_on, false) as open_basis_late
        from measured m
        left join staging.model_date d on d.model = m.open_model
    )
),
scope_seen as (
    -- A composite is as new as the newest table it stands on, and frozen when all of them are.
    select
        i.scope, max(e.observed_on) as observed_on, max(e.observed_on + b.frozen_after_days::integer) as frozen_from,
        median(i.slope) as slope
    from computed.item i
    join staging.edition_seen e on e.board = i.board and e.edition = i.edition
    join seed.board b on b.board = i.board
    group by i.scope
),
composites as (
    select
        n.night, case b.scope when 'overall' then 'overall' else 'domain' end as scope_kind, b.scope,
        'composite-' || (select method_version from seed.night) as edition, b.tier,
        case b.scope when 'overall' then 'all' else b.scope end as domain, 'ability' as metric, 'index points' as unit,
        b.closed_model, case when b.closed_model is not null then '' end as closed_variant,
        round(b.closed_theta, 9) as closed_score, b.closed_on,
        b.open_model, case when b.open_model is not null then '' end as open_variant,
        round(b.open_theta, 9) as open_score, b.open_on,
        b.gap, b.gap_lo, b.gap_hi, b.gap * s.slope as gap_std, b.gap_lo * s.slope as gap_std_lo,
        b.gap_hi * s.slope as gap_std_hi,
        -- 90 % limits lie 2 * 1.645 standard errors apart.
        2.49 * (b.gap_hi - b.gap_lo) / 3.29 as resolution,
        b.ahead_sign * ((n.night - date '1970-01-01') - b.since) as lag_days,
        b.ahead_sign * (n.night - b.above_on) as lag_under, b.ahead_sign * (n.night - b.below_on) as lag_over,
        b.lag_lo_sign * ((n.night - date '1970-01-01') - b.since_lo) as lag_lo,
        b.lag_hi_sign * ((n.night - date '1970-01-01') - b.since_hi) as lag_hi,
        b.above_model as lag_above_model, b.below_model as lag_below_model, coalesce(b.censored, false) as censored,
        b.horizontal_days, b.horizontal_lo, b.horizontal_hi, b.horizontal_censored,
        (select margin from seed.margin where unit = 'index points') as margin,
        b.n_closed, b.n_open, s.observed_on, greatest(0, n.night - s.observed_on) as stale_days,
        b.gap is not null as comparable, n.night > s.frozen_from as frozen, '' as care
    from computed.ability_band b
    join nights n on n.night >= b.valid_from and (b.next_on is null or n.night < b.next_on)
    join scope_seen s on s.scope = b.scope
),
unplaced as (
    -- A domain that no model is placed in says so tonight; its boards stand alone.
    select
        (select night from seed.night) as night, 'domain' as scope_kind, d.domain as scope,
        'composite-' || (select method_version from seed.night) as edition, t.tier, d.domain, 'ability' as metric,
        'index points' as unit, false as comparable, false as frozen, 0 as n_closed, 0 as n_open,
        max(e.observed_on) as observed_on, (select night from seed.night) - max(e.observed_on) as stale_days,
        'no model is scored on 4 instruments of this domain, so it has no composite and its boards stand alone' as missing
    from seed.board d
    join staging.edition_seen e on e.board = d.board
    cross join (select unnest(['any', 'T1']) as tier) t
    where d.counts_for_index and d.domain not in (select scope from computed.ability_band)
    group by d.domain, t.tier
),
every as (
    from boards
    union all by name
    from composites
    union all by name
    from unplaced
),
hindsight as (
    -- How nights were revised that had been known for as many weeks as a night of the last 60 days has been tonight.
    select e.*, w.gap_lo as gap_revised_lo, w.gap_hi as gap_revised_hi, w.lag_lo as lag_revised_lo, w.lag_hi as lag_revised_hi
    from every e
    left join marts.nowcast w
        on w.scope_kind = e.scope_kind and w.scope = e.scope and w.edition = e.edition and w.tier = e.tier
        and w.horizon_days = case when (select night from seed.night) - e.night < 60
            then ((select night from seed.night) - e.night) // 7 * 7 end
)
select
    night,                                                                       -- UTC date this row is for
    scope_kind,                                                                  -- board | domain | overall
    scope,                                                                       -- the board, domain or `overall`
    edition,                                                                     -- release of the board whose scores are comparable; of a composite, its method
    tier,                                                                        -- `any`: weights downloadable; `T1`: unrestricted licence
    domain,                                                                      -- what kind of ability is measured; `all` for overall
    metric,                                                                      -- what is compared: score | ability
    unit,                                                                        -- unit of the scores and of the gap
    closed_model,                                                                -- model at the closed frontier
    closed_variant,                                                              -- its configuration, empty where plain
    closed_score,                                                                -- its score in the unit
    closed_on,                                                                   -- date it counts from (API)
    open_model,                                                                  -- model at the open frontier
    open_variant,                                                                -- its configuration, empty where plain
    open_score,                                                                  -- its score in the unit
    open_on,                                                                     -- date it counts from (weights)
    round(gap, 9) as gap,                                                        -- closed minus open, better is more; negative: open leads
    round(gap_lo, 9) as gap_lo,                                                  -- lower 90 % limit of the gap; NULL: the noise of a leader is not known
    round(gap_hi, 9) as gap_hi,                                                  -- upper 90 % limit of the gap; NULL as above
    case when not frozen then round(gap + gap_revised_lo, 9) end as gap_nowcast_lo,  -- lower limit, aimed at 90 %, of the gap this night will have once it is 63 days old; NULL: frozen, older than the last 60 nights, or fewer than 26 weeks to learn from (`nowcast` says how many)
    case when not frozen then round(gap + gap_revised_hi, 9) end as gap_nowcast_hi,  -- upper limit of it; NULL as above
    round(gap_std, 9) as gap_std,                                                -- difference of log-odds of the normalised scores; of a composite, on its median instrument
    round(gap_std_lo, 9) as gap_std_lo,                                          -- lower 90 % limit of gap_std; NULL as above
    round(gap_std_hi, 9) as gap_std_hi,                                          -- upper 90 % limit of gap_std; NULL as above
    round(resolution, 9) as resolution,                                          -- smallest difference it can show; NULL where its noise is unknown
    case when not frozen then round(lag_days, 3) end as lag_days,                -- age of capability in days, interpolated between the bracket's ends
    case when not frozen then lag_under::integer end as lag_under,                   -- days since the first leading model at or above the trailing frontier
    case when not frozen then lag_over::integer end as lag_over,                     -- days since the last leading record below it; NULL: the record does not go back so far
    case when not frozen then round(lag_lo, 3) end as lag_lo,                    -- lower 90 % limit of the lag; NULL: not known
    case when not frozen then round(lag_hi, 3) end as lag_hi,                    -- upper 90 % limit of the lag; NULL: not known, or beyond the record
    case when not frozen then round(lag_days + lag_revised_lo, 3) end as lag_nowcast_lo,  -- lower limit, aimed at 90 %, of the lag_days this night will have once it is 63 days old; NULL as for gap_nowcast_lo, or without lag_days
    case when not frozen then round(lag_days + lag_revised_hi, 3) end as lag_nowcast_hi,  -- upper limit of it; NULL as above
    case when not frozen then lag_above_model end as lag_above_model,            -- model lag_under counts from: first of the leading side at or above the trailing frontier
    case when not frozen then lag_below_model end as lag_below_model,            -- model lag_over counts from: the leading side's last record below it
    case when not frozen then round(horizontal_days, 3) end as horizontal_days,  -- mean days by which the trailing frontier's curve lies behind, over the levels both have reached
    case when not frozen then round(horizontal_lo, 3) end as horizontal_lo,      -- lower 90 % limit of horizontal_days; NULL: not known
    case when not frozen then round(horizontal_hi, 3) end as horizontal_hi,      -- upper 90 % limit of horizontal_days; NULL: not known
    round(horizontal_censored, 6) as horizontal_censored,                        -- share of the levels that only one side has reached: they count as waiting
    comparable and not frozen and censored as lag_censored,                      -- true: the lag is at least lag_under
    case
        when not comparable or frozen then null
        when abs(gap) < resolution then 'below resolution'
        when gap > 0 and gap_hi < margin then 'parity'
        when gap > 0 then 'closed leads'
        when gap < 0 then 'open leads'
        else 'below resolution'
    end as state,                                                                -- closed leads | below resolution | parity | open leads | NULL
    n_closed::integer as n_closed,                                               -- closed models that count on this night
    n_open::integer as n_open,                                                   -- open models that count on this night
    observed_on,                                                                 -- newest date its table stands for
    stale_days::integer as stale_days,                                           -- days from observed_on to the night
    nullif(concat_ws('; ',
        case
            when comparable then null
            when missing is not null then missing
            when closed_score is null and open_score is null then 'no model counts on either side'
            when open_score is null then 'no open model counts here'
            else 'no closed model counts here'
        end,
        case when frozen then format('frozen since {}: nothing new in {} days, so no lag is given',
            observed_on, stale_days) end,
        nullif(care, '')
    ), '') as reason,                                                            -- why something is NULL or needs care
    (select method_version from seed.night) as method_version,                   -- version of METHOD this follows
    (select run_id from seed.night) as run_id                                    -- digest of everything this row was computed from
from hindsight
