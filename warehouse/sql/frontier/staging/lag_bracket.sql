-- One row per row of `staging.frontier_state`: when the leading side first reached the trailing side's level (METHOD
-- section 3).  The bracket: `above_on` is the date of the first leading model at or above that level, `below_on` that of
-- the last record under it.
-- Parts: board, by staging.frontier_record.board, staging.frontier_state.board
with pursuit as (
    -- Between two dates on which a leader or its level changes, the bracket stays: one row for each such stretch.
    select
        s.board, s.edition, s.tier, s.valid_from,
        case when s.closed_signed >= s.open_signed then 'closed' else 'open' end as ahead,
        least(s.closed_signed, s.open_signed) as level
    from staging.frontier_state s
    where s.closed_signed is not null and s.open_signed is not null
),
turns as (
    select board, edition, tier, from_on as valid_from from staging.frontier_record
    union
    select board, edition, tier, until_on from staging.frontier_record where until_on is not null
),
above as (
    select
        p.board, p.edition, p.tier, p.valid_from, p.ahead, p.level,
        min(e.from_on) as above_on,
        arg_min(e.signed, (e.from_on, -e.signed)) as above_signed,
        arg_min(e.model, (e.from_on, -e.signed, e.model)) as above_model
    from pursuit p
    semi join turns using (board, edition, tier, valid_from)
    join staging.frontier_record e
        on
            e.board = p.board and e.edition = p.edition and e.tier = p.tier and e.side = p.ahead
            and e.signed >= p.level and e.from_on <= p.valid_from and (e.until_on is null or e.until_on > p.valid_from)
    group by all
),
bracket as (
    select a.*, e.from_on as below_on, e.signed as below_signed, e.model as below_model
    from above a
    left join staging.frontier_record e
        on
            e.board = a.board and e.edition = a.edition and e.tier = a.tier and e.side = a.ahead
            and e.from_on < a.above_on and (e.until_on is null or e.until_on > a.valid_from)
    qualify row_number() over (
        partition by a.board, a.edition, a.tier, a.valid_from order by e.signed desc nulls last, e.from_on, e.model
    ) = 1
)
select
    p.board, p.edition, p.tier, p.valid_from, p.ahead, p.level,
    b.above_on, b.above_signed, b.above_model, b.below_on, b.below_signed, b.below_model
from pursuit p
asof join bracket b
    on b.board = p.board and b.edition = p.edition and b.tier = p.tier and b.valid_from <= p.valid_from
