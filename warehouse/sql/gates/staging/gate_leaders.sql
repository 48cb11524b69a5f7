-- One row per table with one to compare: how many of the best models of the last good table, and of the one of a
-- fortnight ago, it still lists.  The older one is there so that a table cut at its top does not become the standard;
-- tables last shown before that are not compared.
-- Boards retire previews and renamed systems from among their leaders; a table cut at its top has lost the very best
-- models and has nothing new in their place.
with compared as (
    select r.table_no, r.before_no as earlier_no
    from staging.row_count_gate r
    cross join staging.gate_limit l
    join staging.gate_page b on b.table_no = r.before_no and b.next_night > r.from_night - l.nights_believed_after
    where r.good
    union
    select r.table_no, max(o.table_no) as earlier_no
    from staging.row_count_gate r
    cross join staging.gate_limit l
    join staging.row_count_gate o on o.series = r.series and o.table_no < r.table_no and o.from_night <= r.from_night - l.nights_believed_after
    where r.good
    group by r.table_no
),
models as (
    select v.table_no, n.model, max(v.signed) as signed
    from staging.gate_value v
    join staging.resolved_name n on n.source = v.source and n.name = v.name
    group by all
),
leaders as (
    select table_no, model, signed, row_number() over (partition by table_no order by signed desc, model) as place
    from models
    where table_no in (select earlier_no from compared)
    qualify place <= 10
),
best as (
    select table_no, max(signed) as best from models group by table_no
),
found as (
    select
        c.table_no, c.earlier_no, count(*) as leaders, count(m.model) as there, list(l.place) filter (where m.model is null) as places,
        string_agg(l.model, ', ' order by l.place) filter (where m.model is null) as missing,
        min(l.signed) filter (where m.model is null) as lowest_missing
    from compared c
    join staging.gate_page p on p.table_no = c.earlier_no and p.own
    join leaders l on l.table_no = c.earlier_no
    left join models m on m.table_no = c.table_no and m.model = l.model
    group by all
)
select
    table_no, earlier_no, leaders, there, missing,
    there < leaders - greatest(1, leaders - ceil(leaders * l.leaders_kept / 10))
    and b.best <= lowest_missing
    and len(list_filter(places, lambda place: place <= leaders - there)) >= l.end_of_the_list * (leaders - there) as headless
from found f
join best b using (table_no)
cross join staging.gate_limit l
qualify row_number() over (partition by table_no order by there - leaders, earlier_no) = 1
