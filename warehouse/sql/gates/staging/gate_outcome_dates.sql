-- One row per page and gate on the date it states and on older copies (G9).
select
    p.table_no, 'G9' as gate, 'days ahead' as rule,
    case
        when h.rows is not null then 'held' when p.stated_on > p.from_night + l.days_ahead then 'warned'
        else 'pass'
    end as outcome,
    greatest(0, coalesce(p.stated_on - p.from_night, 0)) as measured,
    format('dated {}, which is yet to come{}', p.stated_on, coalesce(': ' || h.listed, '')) as found
from staging.gate_measure p
cross join staging.gate_limit l
left join staging.gate_held h on h.table_no = p.table_no and h.gate = 'G9'
union all
select
    table_no, 'G9', 'date goes on', case when stated_on < stated_before then 'warned' else 'pass' end,
    coalesce(stated_on - stated_before, 0), format('dated {}, but {} before', stated_on, stated_before)
from staging.gate_measure
union all
select
    p.table_no, 'G9', 'older page', case when d.same_as_on is null then 'pass' else 'held' end,
    coalesce(p.from_night - d.same_as_on, 0), format('repeats its page of {}: an old copy', d.same_as_on)
from staging.gate_measure p join staging.gate_digest d using (table_no)
