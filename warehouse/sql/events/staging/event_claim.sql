-- One row per claim and published night whose verdict is another than on the night published before it.
select
    *, lag(night) over each_claim as before_on, lag(verdict) over each_claim as before_verdict,
    lag(estimate) over each_claim as before_estimate, lag(lo) over each_claim as before_lo,
    lag(hi) over each_claim as before_hi
from marts.claim_verdict_vintage
window each_claim as (partition by claim_id order by night)
qualify verdict <> before_verdict
