-- One row per board edition, licence tier and span of `gap_calendar`: the gap between its frontiers as known tonight, on
-- the first night of the span, unrounded.
-- Materialized: no
with facts as (
    select
        b.*, e.edition, e.ended_on,
        format(
            'a new edition since {}, when {}; edition {} ended the night before, and its values are not compared with these',
            r.night, if(
                r.shifted, 'all its values moved at once without notice',
                format('{} of its {} values were taken away', r.gone, r.n_before)
            ), r.closes
        ) as opened_by,
        k.board is not null as renamed
    from staging.edition_seen e
    join input.board b on b.board = e.board
    left join staging.rebase r on r.board = e.board and r.opens = e.edition and r.opens <> r.closes
    left join staging.edition_look k on k.board = e.board and k.edition = e.edition
),
spans as (
    select
        n.night, n.nights, n.observed_on, n.overdue, n.frozen, f.board, f.edition, f.domain, f.unit, f.better, f.low, f.high,
        f.chance, f.ceiling, f.counts_for_index, f.why_not, f.opened_by, f.ended_on, f.renamed,
        s.tier, s.valid_from as since, s.* exclude (board, edition, tier, valid_from, next_on),
        greatest(0, n.night - n.observed_on) as stale_days,
        r.ahead, r.level, r.above_on, r.above_signed, r.above_model, r.below_on, r.below_signed, r.below_model,
        l.gap_lo, l.gap_hi, l.gap_std_lo, l.gap_std_hi, l.lag_lo_sign, l.since_lo, l.lag_hi_sign, l.since_hi,
        l.horizontal_days, l.horizontal_lo, l.horizontal_hi, l.horizontal_censored,
        m.margin as flat_margin, m.share as margin_share
    from staging.gap_calendar n
    join facts f on f.board = n.scope and f.edition = n.edition
    join staging.frontier_state s
        on s.board = n.scope and s.edition = n.edition and s.tier = n.tier and s.valid_from = n.since
    left join staging.lag_bracket r
        on r.board = s.board and r.edition = s.edition and r.tier = s.tier and r.valid_from = s.valid_from
    left join computed.band l
        on l.board = s.board and l.edition = s.edition and l.tier = s.tier and l.valid_from = s.valid_from
    left join seed.margin m on m.unit = f.unit
    where n.scope_kind = 'board'
),
scaled as (
    select
        *,
        closed_score is not null and open_score is not null as comparable,
        coalesce(ceiling, high) as top,
        coalesce(chance, low) as bottom
    from spans
),
normal as (
    select
        *,
        case
            when unit = 'rating' or not comparable then null
            else least(0.999, greatest(0.001, case better
                when 'higher' then (closed_score - bottom) / (top - bottom)
                else (top - closed_score) / (top - bottom)
            end))
        end as closed_p,
        case
            when unit = 'rating' or not comparable then null
            else least(0.999, greatest(0.001, case better
                when 'higher' then (open_score - bottom) / (top - bottom)
                else (top - open_score) / (top - bottom)
            end))
        end as open_p
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
                then z_resolution() * sqrt(closed_stderr ** 2 + open_stderr ** 2)
            when unit in ('%', 'fraction', 'points') and closed_n > 0 and open_n > 0
                then
                    z_resolution() * (top - bottom)
                    * sqrt(closed_p * (1 - closed_p) / closed_n + open_p * (1 - open_p) / open_n)
        end as smallest,
        case ahead when 'open' then -1 else 1 end as sign,
        night - above_on as days_above,
        night - below_on as days_below,
        case
            when below_on is null then null
            else days_below - (above_on - below_on) * (level - below_signed) / (above_signed - below_signed)
        end as days_between
    from normal
)
select
    night, nights, 'board' as scope_kind, board as scope, edition, tier, domain, 'score' as metric, unit,
    closed_model, closed_variant, closed_score, closed_on, open_model, open_variant, open_score, open_on,
    difference as gap, gap_lo, gap_hi, standardised as gap_std, gap_std_lo, gap_std_hi, smallest as resolution,
    sign * days_between as lag_days, sign * days_above as lag_under, sign * days_below as lag_over,
    sign as lag_step, lag_lo_sign as lag_lo_step, lag_hi_sign as lag_hi_step,
    lag_lo_sign * ((night - date '1970-01-01') - since_lo) as lag_lo,
    lag_hi_sign * ((night - date '1970-01-01') - since_hi) as lag_hi,
    above_model as lag_above_model, below_model as lag_below_model, below_on is null as censored,
    horizontal_days, horizontal_lo, horizontal_hi, horizontal_censored,
    coalesce(flat_margin, margin_share * (top - bottom)) as margin,
    n_closed, n_open, observed_on, stale_days, comparable, frozen, overdue,
    coalesce(closed_provisional, false) or coalesce(open_provisional, false) or renamed as provisional,
    concat_ws(
        '; ',
        case when open_basis_late then format(
            '{} was released before its weights, which count from {}',
            open_title, open_on
        ) end,
        case when closed_provisional then 'closed leader: provisional, new row, waits for a second look' end,
        case when open_provisional then 'open leader: provisional, new row, waits for a second look' end,
        case when renamed then 'provisional, new edition, waits for a second look' end,
        opened_by,
        case when ended_on is not null then format('this edition ended on {}, when its board was re-based', ended_on) end,
        case when not counts_for_index then 'not in the index: ' || why_not end
    ) as care
from (
    select m.*, coalesce(d.available_on < m.open_on, false) as open_basis_late
    from measured m
    left join staging.model_date d on d.model = m.open_model
)
