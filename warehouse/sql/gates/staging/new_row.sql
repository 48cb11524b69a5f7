-- One row per good table and new configuration in it (gate G16): whether it would lead its side of the board at once, and
-- by how much it beats more models there than its model beats on the boards of other operators.
-- One page is enough to write a new row, and a new row has no past of its own to be compared with.  Against bundled
-- history no row is new: weeks may lie between it and the first page of our own.
with side as (
    -- Sides as stated by tonight, by reviewed lines and else by the sources.
    select model, case when tier = 'C' then 'closed' when is_open(tier) then 'open' end as side
    from (
        select model, tier, from_on as since, 1 as place from staging.access_reviewed
        union all
        select model, tier, valid_from, 2 from staging.access_state
    )
    where since <= night()
    qualify row_number() over (partition by model order by place, since desc) = 1
),
added as (
    select s.table_no, s.earlier_no, g.source, b.operator, g.from_night, v.row_key, n.model, v.signed, a.side
    from staging.gate_step s
    join staging.gate_page g on g.table_no = s.table_no and g.own
    join input.board b on b.board = g.board
    join staging.gate_value v on v.table_no = s.table_no
    join staging.resolved_name n on n.source = v.source and n.name = v.name
    left join side a on a.model = n.model
    anti join staging.gate_value w on w.table_no = s.earlier_no and w.row_key = v.row_key
    anti join staging.gate_level f on f.table_no = s.earlier_no and f.model = n.model and f.signed >= v.signed
    where s.own_before and not s.off_scale and not s.off_order
),
best_before as (
    select l.table_no, a.side, max(l.signed) as signed
    from staging.gate_level l
    join side a using (model)
    where l.table_no in (select earlier_no from added)
    group by all
),
elsewhere as (
    -- The newest table of each series of another operator that had the model before.
    select d.table_no, d.row_key, d.model, d.signed, g.table_no as other_no, l.signed as signed_there
    from added d
    join staging.gate_level l on l.model = d.model
    join staging.gate_page g on g.table_no = l.table_no and g.from_night < d.from_night
    join input.board b on b.board = g.board and b.operator <> d.operator
    qualify row_number() over (partition by d.table_no, d.row_key, g.series order by g.table_no desc) = 1
),
compared as (
    select
        e.table_no, e.row_key, count(*) as common, count(distinct e.other_no) as boards,
        (count(*) filter (where h.signed < e.signed) - count(*) filter (where k.signed < e.signed_there)) / count(*) as more
    from elsewhere e
    join staging.gate_level h on h.table_no = e.table_no and h.model <> e.model
    join staging.gate_level k on k.table_no = e.other_no and k.model = h.model
    group by all
)
select
    d.table_no, d.row_key, d.model, coalesce(d.signed > b.signed, false) as leads, c.common, c.more,
    coalesce(c.common >= l.models_in_common and c.boards >= l.boards_elsewhere and c.more > l.new_row, false) as beats_more
from added d
cross join staging.gate_limit l
left join best_before b on b.table_no = d.earlier_no and b.side = d.side
left join compared c on c.table_no = d.table_no and c.row_key = d.row_key
