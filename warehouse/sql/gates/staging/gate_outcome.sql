-- One row per page of a board edition and gate that judged it (FAULTS.md section 4): pass, warned or held, the measured
-- value with its limit, and an explanation.  Comparisons are with the last good table only.
with judged as (
    from staging.gate_outcome_rows
    union all by name
    from staging.gate_outcome_values
    union all by name
    from staging.gate_outcome_dates
)
select
    s.table_no, s.gate, s.rule, s.outcome, round(s.measured, 6) as measured, g."limit", g.unit,
    case
        when s.outcome = 'held' and (s.gate in ('G7', 'G15', 'G16') or s.rule in ('contradiction', 'days ahead')) then 'rows'
        else 'table'
    end as "of",
    case when s.outcome = 'pass' then '' else s.found end as explanation
from judged s
left join seed.gate g on g.gate = s.gate and g.rule = s.rule
join staging.gate_page p on p.table_no = s.table_no and p.own
