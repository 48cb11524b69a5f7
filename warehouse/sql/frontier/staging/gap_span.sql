-- One row per scope, edition, licence tier and span of `gap_calendar`: its row of `gap_index` on the first night of the
-- span, and by how much the columns that count days grow from night to night.  Without the method's version and the
-- digest of the run: a run whose news change no row finds it made.
with every as (
    select * from staging.gap_board
    union all by name
    select * from staging.gap_composite
),
-- A join by date sorts what it carries, so it carries the keys.
scored as (
    select n.scope, n.edition, n.tier, n.night, c.scored as closed_scored, c.missing as closed_missing, o.scored as open_scored, o.missing as open_missing
    from staging.gap_calendar n
    asof left join (from staging.coverage where side = 'closed') c
        on c.scope = n.scope and c.edition = n.edition and c.tier = n.tier and c.valid_from <= n.night
    asof left join (from staging.coverage where side = 'open') o
        on o.scope = n.scope and o.edition = n.edition and o.tier = n.tier and o.valid_from <= n.night
),
covered as (
    select
        e.*, c.closed_scored as closed_top_scored, c.open_scored as open_top_scored,
        case when e.night = night() then c.closed_missing end as closed_top_missing,
        case when e.night = night() then c.open_missing end as open_top_missing,
        case when e.night = night() then l.left_out end as left_out,
        case
            when e.night = night() and e.tier = 'any' and not coalesce(p.model in (e.closed_model, e.open_model), false)
                then format('its page is led by {} ({:g}), which leads nothing here: {}', p.name, p.value, p.why_not)
        end as led_otherwise,
        case
            when e.night = night() and e.tier = 'any' and e.comparable and not (p.lists_open and p.lists_closed) then format(
                'its page lists no {} model: the {} leader is the last it listed',
                case when p.lists_open then 'closed' else 'open' end, case when p.lists_open then 'closed' else 'open' end
            )
        end as unlisted,
        case
            when t.outcome in ('held', 'drifted') then format(
                'its leaders are those of {}: {} ({})',
                t.last_accepted_on, if(t.outcome = 'held', 'newer tables are held by a gate', 'its page is refused'), t.error[:160]
            )
        end as shown_otherwise,
        coalesce(c.closed_scored = 0, false) as closed_unseen, coalesce(c.open_scored = 0, false) as open_unseen
    from every e
    left join scored c on c.scope = e.scope and c.edition = e.edition and c.tier = e.tier and c.night = e.night
    left join staging.left_out l on l.board = e.scope and l.edition = e.edition
    left join staging.page_leader p on p.board = e.scope and p.edition = e.edition
    left join marts.board_health t on t.board = e.scope and e.night = night()
),
hindsight as (
    -- How nights were revised that had been known for as many weeks as a night of the last 60 days has been tonight.
    -- The interval of a board that is overdue includes it, and an open model that came since it was last renewed.
    select
        e.* exclude (gap_lo, gap_hi, lag_lo, lag_hi, lag_lo_step),
        not frozen and not coalesce(mostly_overall, false) and not (comparable and (closed_unseen or open_unseen)) as has_lag,
        coalesce(overdue, false) as waits,
        if(waits, least(e.gap_lo, e.gap + w.gap_lo), e.gap_lo) as gap_lo,
        if(waits, greatest(e.gap_hi, e.gap + w.gap_hi), e.gap_hi) as gap_hi,
        if(waits, least(e.lag_lo - stale_days, e.lag_days + w.lag_lo), e.lag_lo) as lag_lo,
        -- Since an overdue table the lower limit grows as much less as its age grows.
        if(waits, e.lag_lo_step - 1, e.lag_lo_step) as lag_lo_step,
        if(waits, greatest(e.lag_hi, e.lag_days + w.lag_hi), e.lag_hi) as lag_hi,
        w.gap_lo as gap_revised_lo, w.gap_hi as gap_revised_hi, w.lag_lo as lag_revised_lo, w.lag_hi as lag_revised_hi
    from covered e
    left join marts.nowcast w
        on
            w.scope_kind = e.scope_kind and w.scope = e.scope and w.edition = e.edition and w.tier = e.tier
            and w.horizon_days = case
                when night() - e.night < 60
                    then (night() - e.night) // 7 * 7
            end
)
select
    night,
    nights,                                                             -- nights of the span, the first included
    scope_kind,
    scope,
    edition,
    tier,
    domain,
    metric,
    unit,
    closed_model,
    nullif(closed_variant, '') as closed_variant,
    closed_score,
    closed_on,
    open_model,
    nullif(open_variant, '') as open_variant,
    open_score,
    open_on,
    round(gap, 9) as gap,
    round(gap_lo, 9) as gap_lo,
    round(gap_hi, 9) as gap_hi,
    case when not frozen then round(gap + gap_revised_lo, 9) end as gap_nowcast_lo,
    case when not frozen then round(gap + gap_revised_hi, 9) end as gap_nowcast_hi,
    round(gap_std, 9) as gap_std,
    round(gap_std_lo, 9) as gap_std_lo,
    round(gap_std_hi, 9) as gap_std_hi,
    round(resolution, 9) as resolution,
    case when has_lag then round(lag_days, 3) end as lag_days,
    case when has_lag then lag_under::integer end as lag_under,
    case when has_lag then lag_over::integer end as lag_over,
    case when has_lag then round(lag_lo, 3) end as lag_lo,
    case when has_lag then round(lag_hi, 3) end as lag_hi,
    case when has_lag then round(lag_days + lag_revised_lo, 3) end as lag_nowcast_lo,
    case when has_lag then round(lag_days + lag_revised_hi, 3) end as lag_nowcast_hi,
    coalesce(lag_step, 0)::tinyint as lag_step,                         -- what lag_days, its bracket and its nowcast grow by from night to night
    coalesce(lag_lo_step, 0)::tinyint as lag_lo_step,                   -- what lag_lo grows by
    coalesce(lag_hi_step, 0)::tinyint as lag_hi_step,                   -- what lag_hi grows by
    (night >= observed_on)::tinyint as stale_step,                      -- what stale_days grows by
    case when has_lag then lag_above_model end as lag_above_model,
    case when has_lag then lag_below_model end as lag_below_model,
    case when not frozen then round(horizontal_days, 3) end as horizontal_days,
    case when not frozen then round(horizontal_lo, 3) end as horizontal_lo,
    case when not frozen then round(horizontal_hi, 3) end as horizontal_hi,
    round(horizontal_censored, 6) as horizontal_censored,
    comparable and has_lag and censored as lag_censored,
    case
        when not comparable or not has_lag then null
        -- Where there is an interval it decides; where only the resolution is known, that (METHOD section 3).
        when gap_hi < 0 then 'open leads'
        when gap > 0 and gap_hi < margin then 'parity'
        when gap_lo > 0 then 'closed leads'
        when gap_lo <= 0 and gap_hi >= 0 or abs(gap) < resolution then 'below resolution'
        when gap > 0 then 'closed leads'
        when gap < 0 then 'open leads'
        else 'below resolution'
    end as state,
    n_closed::integer as n_closed,
    n_open::integer as n_open,
    closed_top_scored,
    open_top_scored,
    nullif(closed_top_missing, '') as closed_top_missing,
    nullif(open_top_missing, '') as open_top_missing,
    left_out as rows_left_out,
    observed_on,
    stale_days::integer as stale_days,
    provisional,
    nullif(concat_ws(
        '; ',
        case
            when comparable then null
            when missing is not null then missing
            when closed_score is null and open_score is null then 'no model counts on either side'
            when open_score is null then 'no open model counts here'
            else 'no closed model counts here'
        end,
        -- Dates, not days: a reason that differs every night is a tenth of the published database.
        case when frozen then format('frozen: nothing new since {}, so no lag is given', observed_on) end,
        case
            when comparable and (closed_unseen or open_unseen) then format(
                'not current: none of the ten ablest {} models is scored here, so no lag and no state',
                if(closed_unseen, if(open_unseen, 'closed or open', 'closed'), 'open')
            )
        end,
        case
            when waits and not frozen
                then format('no new table since {}: the interval includes what may have come since', observed_on)
        end,
        led_otherwise,
        unlisted,
        shown_otherwise,
        nullif(care, '')
    ), '') as reason
from hindsight
order by scope, edition, tier, night
