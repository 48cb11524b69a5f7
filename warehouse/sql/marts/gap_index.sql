-- One row per night, board edition and licence tier: how far open weights were behind closed models that night,
-- as known tonight (METHOD section 3).  An edition is followed from the first night on which comparable sides count
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
        s.tier, s."on" as since, s.* exclude (board, edition, tier, "on", next_on),
        greatest(0, n.night - f.observed_on) as stale_days,
        r.ahead, r.level, r.above_on, r.above_signed, r.above_model, r.below_on, r.below_signed, r.below_model
    from staging.standing s
    join facts f on f.board = s.board and f.edition = s.edition
    join nights n on n.night >= s."on" and (s.next_on is null or n.night < s.next_on)
    left join staging.reached r
        on r.board = s.board and r.edition = s.edition and r.tier = s.tier and r."on" = s."on"
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
)
select
    night,                                                                       -- UTC date this row is for
    'board' as scope_kind,                                                       -- board | domain | overall
    board as scope,                                                              -- the board, domain or `overall`
    edition,                                                                     -- release of the board whose scores are comparable
    tier,                                                                        -- `any`: weights downloadable; `T1`: unrestricted licence
    domain,                                                                      -- what kind of ability the board measures
    'score' as metric,                                                           -- what is compared
    unit,                                                                        -- unit of the scores and of the gap
    closed_model,                                                                -- model at the closed frontier
    closed_variant,                                                              -- its configuration, empty where plain
    closed_score,                                                                -- its score in the unit
    closed_on,                                                                   -- date it counts from (API)
    open_model,                                                                  -- model at the open frontier
    open_variant,                                                                -- its configuration, empty where plain
    open_score,                                                                  -- its score in the unit
    open_on,                                                                     -- date it counts from (weights)
    round(difference, 9) as gap,                                                 -- closed minus open, better is more; negative: open leads
    null::double as gap_lo,                                                      -- lower 90 % limit of the gap; NULL: not computed for this method version
    null::double as gap_hi,                                                      -- upper 90 % limit of the gap; NULL as above
    round(standardised, 9) as gap_std,                                           -- difference of log-odds of the normalised scores
    null::double as gap_std_lo,                                                  -- lower 90 % limit of gap_std; NULL as above
    null::double as gap_std_hi,                                                  -- upper 90 % limit of gap_std; NULL as above
    round(smallest, 9) as resolution,                                            -- smallest difference the board can show; NULL where its noise is unknown
    case when not frozen then round(sign * days_between, 3) end as lag_days,     -- age of capability in days, interpolated between the bracket's ends
    case when not frozen then sign * days_above end as lag_under,                -- days since the first leading model at or above the trailing frontier
    case when not frozen then sign * days_below end as lag_over,                 -- days since the last leading record below it; NULL: the record does not go back so far
    null::double as lag_lo,                                                      -- lower 90 % limit of the lag; NULL as above
    null::double as lag_hi,                                                      -- upper 90 % limit of the lag; NULL as above
    comparable and not frozen and below_on is null as lag_censored,                    -- true: the lag is at least lag_under
    case
        when not comparable or frozen then null
        when smallest is not null and abs(difference) < smallest then 'below resolution'
        when difference > 0 then 'closed leads'
        when difference < 0 then 'open leads'
        else 'below resolution'
    end as state,                                                                -- closed leads | below resolution | parity | open leads | NULL
    n_closed::integer as n_closed,                                               -- closed models that count on this night
    n_open::integer as n_open,                                                   -- open models that count on this night
    observed_on,                                                                 -- newest date the board's table stands for
    stale_days::integer as stale_days,                                           -- days from observed_on to the night
    nullif(concat_ws('; ',
        case when not comparable then case when closed_score is null and open_score is null
            then 'no model counts on either side' when open_score is null then 'no open model counts here'
            else 'no closed model counts here' end end,
        case when frozen then format('frozen since {}: nothing new in {} days, so no lag is given',
            observed_on, stale_days) end,
        case when open_basis_late then format('{} was released before its weights, which count from {}',
            open_title, open_on) end,
        case when not counts_for_index then 'not in the index: ' || why_not end
    ), '') as reason,                                                            -- why something is NULL or needs care
    (select method_version from seed.night) as method_version,                   -- version of METHOD this follows
    (select run_id from seed.night) as run_id                                    -- digest of everything this row was computed from
from (
    select m.*, coalesce(d.available_on < m.open_on, false) as open_basis_late
    from measured m
    left join staging.model_date d on d.model = m.open_model
)
