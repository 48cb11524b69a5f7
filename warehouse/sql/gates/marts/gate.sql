-- One row per thing that a gate judged: every table shown tonight, tonight's numbers, and whatever was tripped before.
-- Gates are explained in docs/gates.md, their limits stand in seeds/gate.csv.
-- Key: night, gate, rule, source, board, edition, tier, name, of, url, sha256, explanation
-- Latest: where night = night()
with every as (
    select * from staging.gated_table
    union all by name
    select * from staging.gated_flag
    union all by name
    select * from staging.gated_leader
    union all by name
    select * from staging.gated_gap
    union all by name
    select * from staging.gated_fact
    union all by name
    select * from staging.gated_override
    union all by name
    select * from staging.gated_expectation
    union all by name
    select * from staging.gated_share
    union all by name
    select * from staging.gated_best
)
select
    e.night,                                                        -- night it was judged on; tonight for everything shown tonight
    coalesce(e.source, '') as source,                               -- the source
    coalesce(e.board, '') as board,                                 -- the board, or the scope of a number
    coalesce(e.edition, '') as edition,                             -- its edition
    coalesce(e.tier, '') as tier,                                   -- licence tier, where a number is judged
    coalesce(e.name, '') as name,                                   -- the model, where one is judged
    e.gate,                                                         -- G1 to G16, U: unknown access, decision: of the operator, GX: a rule of Great Expectations
    e.rule,                                                         -- rule of the gate, as in its seed
    e.outcome,                                                      -- pass | held | warned
    e."of",                                                         -- what is judged: table | rows | flags | prices | facts | numbers
    e.measured::double as measured,                                 -- what was measured
    coalesce(e."limit", g."limit") as "limit",                      -- what is allowed
    coalesce(e.unit, g.unit) as unit,                               -- unit of both
    coalesce(e.explanation, '') as explanation,                     -- what was found, where it did not simply pass
    coalesce(e.first_on, e.night) as first_on,                      -- night the page or value was first shown
    coalesce(e.url, '') as url,                                     -- live address of the page
    coalesce(e.sha256, '') as sha256                                -- of the page in the archive
from every e
left join seed.gate g on g.gate = e.gate and g.rule = e.rule
