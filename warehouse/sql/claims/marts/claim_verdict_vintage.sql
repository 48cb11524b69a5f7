-- One row per claim and night exactly as it was published on that night; never restated.
-- A night that was run only in part has no row: its boards are those of the day before.
-- The columns are those of claim_verdict; one added later is NULL on older nights.
-- Key: night, claim_id
-- Latest: where night = (select max(night) from marts.claim_verdict_vintage)
from vintage.claim_verdict
union all by name
from marts.claim_verdict
where
    night not in (select night from vintage.claim_verdict)
    and (select scope from raw.run_scope) = 'full'
