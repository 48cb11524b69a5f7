-- One row per table of `staging.gate_page` and model in it: its best value there, more is better.
select v.table_no, n.model, max(v.signed) as signed
from staging.gate_value v
join staging.resolved_name n on n.source = v.source and n.name = v.name
group by all
