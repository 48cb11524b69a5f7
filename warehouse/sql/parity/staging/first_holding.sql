-- One row per closed record, night of news, tier and grade: the first open model (by its weights) that reached it and has
-- not fallen below the line of the test by a standard error since.  Where that is another than the first that passes that
-- night, who is first changed by a hair, and that is no news (METHOD section 4): Kimi K2.5 slipped from 1454 to 1450 on
-- Arena text, and GLM-5 was "the first" to overtake GPT-4.5, which it had done months before.
-- Parts: scope, by staging.parity_test.scope, staging.asof_scores.scope
with news as (
    select scope, edition, valid_from, row_number() over (partition by scope, edition order by valid_from) as place
    from (select distinct scope, edition, valid_from from staging.asof_scores)
),
holding as (
    select
        c.* exclude (tiers), t.tier, g.grade, passes(g.grade, c.is_match, c.is_parity, c.is_lead) as passed,
        -- The same number on nights of news in a row: what was undone in between has to pass anew.
        n.place - row_number() over (
            partition by c.scope, c.edition, t.tier, g.grade, c.closed_model, c.open_model order by c.valid_from
        ) as run
    from staging.parity_test c
    join news n using (scope, edition, valid_from), unnest(c.tiers) t (tier), grades() g
    where still_holds(g.grade, c.difference, c.margin, c.standard_error)
),
reached as (
    select * exclude (passed, run) from holding
    qualify bool_or(passed) over (
        partition by scope, edition, tier, grade, closed_model, open_model, run order by valid_from
        rows between unbounded preceding and current row
    )
)
select * from reached
qualify row_number() over (
    partition by scope, edition, valid_from, tier, grade, closed_model
    order by open_on, open_signed desc, open_model
) = 1
