-- One row per night, scope, edition and licence tier: how far open weights were behind closed models that night, as
-- known tonight (METHOD section 3).  Scopes are boards, domains and `overall`.  A board's edition is followed from the
-- first night on which comparable sides count until tonight; one that is neither its board's newest nor fresh leaves
-- when it is frozen.
-- Key: scope, edition, tier, night
-- Latest: where night = night()
-- Materialized: no
select
    (night + past::integer)::date as night,                             -- UTC date this row is for
    scope_kind,                                                         -- board | domain | overall
    scope,                                                              -- the board, domain or `overall`
    edition,                                                            -- release of the board whose scores are comparable; of a composite, its method
    tier,                                                               -- `any`: weights downloadable; `T1`: unrestricted licence
    domain,                                                             -- what kind of ability is measured; `all` for overall
    metric,                                                             -- what is compared: score | ability
    unit,                                                               -- unit of the scores and of the gap
    closed_model,                                                       -- model at the closed frontier
    closed_variant,                                                     -- its configuration; NULL: plain, or no model
    closed_score,                                                       -- its score in the unit
    closed_on,                                                          -- date it counts from (API)
    open_model,                                                         -- model at the open frontier
    open_variant,                                                       -- its configuration; NULL: plain, or no model
    open_score,                                                         -- its score in the unit
    open_on,                                                            -- date it counts from (weights)
    gap,                                                                -- closed minus open, better is more; negative: open leads
    gap_lo,                                                             -- lower 90 % limit of the gap; NULL: the noise of a leader is not known
    gap_hi,                                                             -- upper 90 % limit of the gap; NULL as above
    gap_nowcast_lo,                                                     -- lower limit, aimed at 90 %, of the gap this night will have once it is 63 days old; NULL: frozen, older than the last 60 nights, or fewer than 26 weeks to learn from (`nowcast` says how many)
    gap_nowcast_hi,                                                     -- upper limit of it; NULL as above
    gap_std,                                                            -- difference of log-odds of the normalised scores; of a composite, on its median instrument
    gap_std_lo,                                                         -- lower 90 % limit of gap_std; NULL as above
    gap_std_hi,                                                         -- upper 90 % limit of gap_std; NULL as above
    resolution,                                                         -- smallest difference it can show; NULL where its noise is unknown
    round(lag_days + past * lag_step, 3) as lag_days,                   -- age of capability in days, interpolated between the bracket's ends
    (lag_under + past * lag_step)::integer as lag_under,                -- days since the first leading model at or above the trailing frontier
    (lag_over + past * lag_step)::integer as lag_over,                  -- days since the last leading record below it; NULL: the record does not go back so far
    round(lag_lo + past * lag_lo_step, 3) as lag_lo,                    -- lower 90 % limit of the lag; NULL: not known
    round(lag_hi + past * lag_hi_step, 3) as lag_hi,                    -- upper 90 % limit of the lag; NULL: not known, or beyond the record
    round(lag_nowcast_lo + past * lag_step, 3) as lag_nowcast_lo,       -- lower limit, aimed at 90 %, of the lag_days this night will have once it is 63 days old; NULL as for gap_nowcast_lo, or without lag_days
    round(lag_nowcast_hi + past * lag_step, 3) as lag_nowcast_hi,       -- upper limit of it; NULL as above
    lag_above_model,                                                    -- model lag_under counts from: first of the leading side at or above the trailing frontier
    lag_below_model,                                                    -- model lag_over counts from: the leading side's last record below it
    horizontal_days,                                                    -- mean days by which the trailing frontier's curve lies behind, over the levels both have reached
    horizontal_lo,                                                      -- lower 90 % limit of horizontal_days; NULL: not known
    horizontal_hi,                                                      -- upper 90 % limit of horizontal_days; NULL: not known
    horizontal_censored,                                                -- share of the levels that only one side has reached: they count as waiting
    lag_censored,                                                       -- true: the lag is at least lag_under
    state,                                                              -- closed leads | below resolution: the interval contains zero, or without one the gap is less than the resolution | parity: closed ahead by less than the margin | open leads | NULL
    n_closed,                                                           -- closed models that count on this night
    n_open,                                                             -- open models that count on this night
    closed_top_scored,                                                  -- how many of the ten ablest closed models of the night it has scored with rows that count; NULL: none is known
    open_top_scored,                                                    -- the same of the open models of the tier
    closed_top_missing,                                                 -- names of the ablest closed models it has not scored; NULL: none, or before tonight
    open_top_missing,                                                   -- the same of the open models; NULL: none, or before tonight
    rows_left_out,                                                      -- rows of its newest table that do not count, by rule; NULL: none, a composite, or before tonight
    observed_on,                                                        -- newest date its table stands for
    (stale_days + past * stale_step)::integer as stale_days,            -- days from observed_on to the night
    provisional,                                                        -- true: a leader is a new row, or the edition is new, and waits for a second look; of a composite: a leader rests on one operator; `reason` says so
    reason,                                                             -- why something is NULL or needs care
    method_version() as method_version,                                 -- version of METHOD this follows
    run_id() as run_id                                                  -- digest of everything this row was computed from
from (select *, unnest(range(nights)) as past from staging.gap_span)
