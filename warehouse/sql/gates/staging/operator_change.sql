-- One row per table and model that is part of one change (gate G15): on one night one operator changed what it says of
-- the model on many boards at once, or listed it anew on many.  An operator's boards may all stand in one file, so what
-- happens to many of them on one night is one change: its size is the sum over the boards, as a share of each range.
-- Against bundled history nothing is one change: weeks may lie between it and the first page of our own.
-- 14.5 % of the range on each of seventeen boards, under the limit for single rows, moved the overall gap from 5.1 to
-- 0.3 index points in one night.
with moved as (
    select
        s.table_no, b.operator, g.board, s.from_night, m.model, f.signed is null as is_new,
        coalesce(abs(m.signed - f.signed) / nullif(s.reach, 0), 0) as size
    from staging.gate_step s
    cross join staging.gate_limit l
    join staging.gate_page g on g.table_no = s.table_no and g.own
    join input.board b on b.board = g.board
    join staging.gate_level m on m.table_no = s.table_no
    left join staging.gate_level f on f.table_no = s.earlier_no and f.model = m.model
    where
        s.own_before and not s.off_scale and not s.off_order
        and (s.common < l.rows_compared or s.shift <= l.median_shift * s.reach) and (f.signed is null or m.signed <> f.signed)
),
changed as (
    select
        operator, from_night, model, count(distinct board) as boards, count(distinct board) filter (where is_new) as boards_new,
        fsum(size order by size) as size
    from moved
    group by all
)
select m.table_no, m.model, c.operator, c.boards, c.boards_new, c.size
from moved m
join changed c using (operator, from_night, model)
cross join staging.gate_limit l
where c.boards_new >= l.boards_at_once or (c.boards >= l.boards_at_once and c.size > l.one_change)
