-- One row per closed record, night of news, tier and grade: the first open model (by its weights) that had reached it.
-- Parts: scope, by staging.parity_test.scope
with tested as materialized (
    select *, row_number() over () as test_no from staging.parity_test
),
first as (
    select t.tier, g.grade, arg_min(c.test_no, (c.open_on, -c.open_signed, c.open_model)) as test_no
    from tested c, unnest(c.tiers) t (tier), grades() g
    where passes(g.grade, c.is_match, c.is_parity, c.is_lead)
    group by c.scope, c.edition, c.valid_from, t.tier, g.grade, c.closed_model
)
select c.* exclude (tiers, test_no), f.tier, f.grade
from first f
join tested c using (test_no)
