-- One row per claim and published night on which a verdict had stood for a week and was another than the last that had.
-- A verdict at the edge of its rule turns back and forth: of 2026-05-03 to 2026-05-17 that on catch-up-3-6-months was
-- mixed, refuted and mixed again, while its figure stayed at 260 days.
with turned as (
    select *, coalesce(verdict <> lag(verdict) over (partition by claim_id order by night), true) as turns
    from marts.claim_verdict_vintage
),
stretches as (
    select *, count(*) filter (where turns) over (partition by claim_id order by night) as stretch from turned
),
standing as (
    select *, min(night) over (partition by claim_id, stretch) as since from stretches
),
stood as (
    select * from standing where night >= since + 7
    qualify row_number() over (partition by claim_id, stretch order by night) = 1
)
select
    * exclude (turns, stretch), lag(night) over each_claim as before_on, lag(verdict) over each_claim as before_verdict,
    lag(estimate) over each_claim as before_estimate, lag(lo) over each_claim as before_lo,
    lag(hi) over each_claim as before_hi
from stood
window each_claim as (partition by claim_id order by night)
qualify verdict <> before_verdict
