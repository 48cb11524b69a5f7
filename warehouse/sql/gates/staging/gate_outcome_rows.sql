-- One row per page and gate on how many rows and which names it shows (G2, G3, G4, G5).
select
    table_no, 'G2' as gate, 'rows expected' as rule, case when too_few then 'held' else 'pass' end as outcome, seen as measured,
    format('{} rows shown, at least {} expected', seen, min_rows) as found
from staging.gate_measure
union all
select
    table_no, 'G3', 'rows kept', case when cut then 'held' when shorter then 'warned' else 'pass' end, seen / nullif(longest, 0),
    case
        when cut then format('{} rows shown, {} before it was cut', seen, longest)
        when of_the_best then format('{} rows shown, {} before: only its worst are missing, and stay as last seen', seen, longest)
        else format('{} rows shown, {} before: rows from all over the list were withdrawn', seen, longest)
    end
from staging.gate_measure
union all
select
    table_no, 'G4', 'rows unbelievable',
    case when unbelievable then 'held' when quarantined > 0 then 'warned' else 'pass' end,
    quarantined / greatest(1, seen), format('{} of {} rows not believable', quarantined, seen)
from staging.gate_measure
union all
select
    table_no, 'G5', 'names unknown', case when unknown > l.names_unknown * names then 'warned' else 'pass' end,
    unknown / names, format('{} of {} names are nobody''s', unknown, names)
from staging.gate_measure
cross join staging.gate_limit l
where names > 0
union all
select
    p.table_no, 'G5', 'contradiction', case when h.rows is null then 'pass' else 'held' end, coalesce(h.rows, 0),
    format('{} rows stand twice with different values: {}', h.rows, h.listed)
from staging.gate_measure p left join staging.gate_held h on h.table_no = p.table_no and h.gate = 'G5'
