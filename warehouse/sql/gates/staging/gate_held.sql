-- One row per page and gate that held some of its rows: how many, and whose.
select table_no, gate, count(*) as rows, string_agg(name, ', ' order by name) as listed
from staging.held_score
group by table_no, gate
