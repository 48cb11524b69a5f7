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
    select s.t, s.u, g.source, b.operator, g.from_night, v.who, n.model, v.signed, a.side
    from staging.gate_step s
    join staging.gate_page g on g.t = s.t and g.own
    join input.board b on b.board = g.board
    join staging.gate_value v on v.t = s.t
    join staging.resolved_name n on n.source = v.source and n.name = v.name
    left join side a on a.model = n.model
    anti join staging.gate_value w on w.t = s.u and w.who = v.who
    anti join staging.gate_level f on f.t = s.u and f.model = n.model and f.signed >= v.signed
    where s.own_before and not s.off_scale and not s.off_order
),
best_before as (
    select l.t, a.side, max(l.signed) as signed
    from staging.gate_level l
    join side a using (model)
    where l.t in (select u from added)
    group by all
),
elsewhere as (
    -- The newest table of each series of another operator that had the model before.
    select d.t, d.who, d.model, d.signed, g.t as o, l.signed as signed_there
    from added d
    join staging.gate_level l on l.model = d.model
    join staging.gate_page g on g.t = l.t and g.from_night < d.from_night
    join input.board b on b.board = g.board and b.operator <> d.operator
    qualify row_number() over (partition by d.t, d.who, g.series order by g.t desc) = 1
),
compared as (
    select
        e.t, e.who, count(*) as common, count(distinct e.o) as boards,
        (count(*) filter (where h.signed < e.signed) - count(*) filter (where k.signed < e.signed_there)) / count(*) as more
    from elsewhere e
    join staging.gate_level h on h.t = e.t and h.model <> e.model
    join staging.gate_level k on k.t = e.o and k.model = h.model
    group by all
)
select
    d.t, d.who, d.model, coalesce(d.signed > b.signed, false) as leads, c.common, c.more,
    coalesce(c.common >= l.models_in_common and c.boards >= l.boards_elsewhere and c.more > l.new_row, false) as beats_more
from added d
cross join staging.gate_limit l
left join best_before b on b.t = d.u and b.side = d.side
left join compared c on c.t = d.t and c.who = d.who
