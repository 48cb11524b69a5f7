-- One row per table with one to compare: how many of the best models of the last good table, and of the one of a
-- fortnight ago, it still lists.  The older one is there so that a table cut at its top does not become the standard;
-- tables last shown before that are not compared.
-- Boards retire previews and renamed systems from among their leaders; a table cut at its top has lost the very best
-- models and has nothing new in their place.
with compared as (
    select r.t, r.before_t as u
    from staging.row_count_gate r
    cross join staging.gate_limit l
    join staging.gate_page b on b.t = r.before_t and b.next_night > r.from_night - l.nights_believed_after
    where r.good
    union
    select r.t, max(o.t) as u
    from staging.row_count_gate r
    cross join staging.gate_limit l
    join staging.row_count_gate o on o.series = r.series and o.t < r.t and o.from_night <= r.from_night - l.nights_believed_after
    where r.good
    group by r.t
),
models as (
    select v.t, n.model, max(v.signed) as signed
    from staging.gate_value v
    join staging.resolved_name n on n.source = v.source and n.name = v.name
    group by all
),
leaders as (
    select t, model, signed, row_number() over (partition by t order by signed desc, model) as place
    from models
    where t in (select u from compared)
    qualify place <= 10
),
best as (
    select t, max(signed) as best from models group by t
),
found as (
    select
        c.t, c.u, count(*) as leaders, count(m.model) as there, list(l.place) filter (where m.model is null) as places,
        string_agg(l.model, ', ' order by l.place) filter (where m.model is null) as missing,
        min(l.signed) filter (where m.model is null) as lowest_missing
    from compared c
    join staging.gate_page p on p.t = c.u and p.own
    join leaders l on l.t = c.u
    left join models m on m.t = c.t and m.model = l.model
    group by all
)
select
    t, u, leaders, there, missing,
    there < leaders - greatest(1, leaders - ceil(leaders * l.leaders_kept / 10))
    and b.best <= lowest_missing
    and len(list_filter(places, lambda place: place <= leaders - there)) >= l.end_of_the_list * (leaders - there) as headless
from found f
join best b using (t)
cross join staging.gate_limit l
qualify row_number() over (partition by t order by there - leaders, u) = 1
