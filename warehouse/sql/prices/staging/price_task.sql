-- One row per board that states the cost of its runs, and model: USD per task of the model's best-scoring run there.
-- Read from the rows as written; rows of the bundled history came without them, and a row that was cut is no JSON.  A cost of 0 is a free or an unknown
-- one.  A cost is a fact of the day of its run: it counts from then on and does not change.
with stated (board, field, cases) as (
    values
    ('aider-polyglot', '$.total_cost', '$.test_cases'),
    ('arc-agi-1', '$.costPerTask', ''),
    ('arc-agi-2', '$.costPerTask', ''),
    ('swe-bench-bash-only', '$.cost', 'n_items')
),
run as (
    select
        s.model, s.board, s.edition, s.source, s.name, s.listed_as, s.signed, s.known_on, s.url, s.sha256,
        coalesce(s.scored_on, s.known_on) as run_on,
        try_cast(json_extract_string(s.written, t.field) as double) / nullif(case t.cases
            when '' then 1
            when 'n_items' then s.n_items
            else try_cast(json_extract_string(s.written, t.cases) as double)
        end, 0) as usd
    from (select * replace (if(json_valid(written), written, '{}') as written) from staging.current_score) s
    join stated t on t.board = s.board
    where not s.self_reported and s.gone_since is null
)
select * exclude (signed) replace (round(usd, 9) as usd)
from run
where usd > 0 and isfinite(usd)
qualify row_number() over (partition by board, model order by signed desc, usd, run_on, name, listed_as, url) = 1
