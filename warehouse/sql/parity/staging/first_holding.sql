-- One row per closed record, night of news, tier and grade: the first open model (by its weights) that reached it and has
-- not fallen below the line of the test by a standard error since.  Where that is another than the first that passes that
-- night, who is first changed by a hair, and that is no news (METHOD section 4): Kimi K2.5 slipped from 1454 to 1450 on
-- Arena text, and GLM-5 was "the first" to overtake GPT-4.5, which it had done months before.
-- Parts: scope, by staging.parity_test.scope, staging.asof_scores.scope
with news as (
    select scope, edition, valid_from, row_number() over (partition by scope, edition order by valid_from) as place
    from (select distinct scope, edition, valid_from from staging.asof_scores)
),
-- Windows sort what they carry, so they carry numbers: of the test, and of the pair of models in it.
tested as materialized (
    select *, row_number() over () as test_no from staging.parity_test
),
pairs as materialized (
    select scope, edition, closed_model, open_model, row_number() over () as pair_no
    from (select distinct scope, edition, closed_model, open_model from staging.parity_test)
),
holding as (
    select
        p.pair_no, n.place, c.test_no, t.tier, g.grade, passes(g.grade, c.is_match, c.is_parity, c.is_lead) as passed,
        -- The same number on nights of news in a row: what was undone in between has to pass anew.
        n.place - row_number() over (partition by p.pair_no, t.tier, g.grade order by n.place) as run
    from tested c
    join pairs p using (scope, edition, closed_model, open_model)
    join news n using (scope, edition, valid_from), unnest(c.tiers) t (tier), grades() g
    where still_holds(g.grade, c.difference, c.margin, c.standard_error)
),
reached as (
    select test_no, tier, grade from holding
    qualify bool_or(passed) over (
        partition by pair_no, tier, grade, run order by place rows between unbounded preceding and current row
    )
),
first as (
    select r.tier, r.grade, arg_min(c.test_no, (c.open_on, -c.open_signed, c.open_model)) as test_no
    from reached r
    join tested c using (test_no)
    group by c.scope, c.edition, c.valid_from, r.tier, r.grade, c.closed_model
)
select c.* exclude (tiers, test_no), f.tier, f.grade
from first f
join tested c using (test_no)
