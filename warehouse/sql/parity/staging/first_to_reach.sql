-- One row per closed record, night of news, tier and grade: the first open model (by its weights) that had reached it.
-- Parts: scope, by staging.parity_test.scope
with passed as (
    select c.* exclude (tiers), t.tier, g.grade
    from staging.parity_test c, unnest(c.tiers) t (tier), grades() g
    where passes(g.grade, c.is_match, c.is_parity, c.is_lead)
)
select * from passed
qualify row_number() over (
    partition by scope, edition, valid_from, tier, grade, closed_model
    order by open_on, open_signed desc, open_model
) = 1
