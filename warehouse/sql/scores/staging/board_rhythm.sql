-- One row per board: in how many days a new table of it is usual, after how many without one it is overdue (twice the
-- usual, at least a week; NULL: nothing to learn from), and after how many it is frozen: twice the longest pause of its
-- last ten tables, at least 30 days and at most what the board declares.  A board that was renewed every few days and
-- then stood for eleven weeks was still shown as live, by a limit of 120 days for all.
-- A board with fewer than five pauses to learn from keeps its declared limit.
with dated as (
    select board, least(coalesce(updated_on, from_night), from_night) as stands_for
    from staging.accepted_table where held = '' and accepted > 0
    union
    select board, least(coalesce(updated_on, known_on), known_on) from history.accepted_table
),
pauses as (
    select
        board, stands_for - lag(stands_for) over by_date as days,
        row_number() over (partition by board order by stands_for desc) as back
    from dated
    window by_date as (partition by board order by stands_for)
),
rhythm as (
    select board, max(days) as longest, median(days) as usual, count(days) as pauses
    from pauses where back <= 10
    group by board
)
select
    b.board, r.usual as usual_days,
    case when r.usual is not null then floor(greatest(7, 2 * r.usual))::integer end as overdue_after_days,
    case
        when r.pauses >= 5 then least(b.frozen_after_days, greatest(30, 2 * r.longest)) else b.frozen_after_days
    end::integer as frozen_after_days
from input.board b
left join rhythm r using (board)
