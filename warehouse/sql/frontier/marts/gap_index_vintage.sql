-- One row per night, scope, edition and tier exactly as it was published on that night; never restated.
-- `method_version` says by which method: version 2 since the nights that are run from 2026-11-27 on.
-- A night that was run only in part has no row: its boards are those of the day before.
-- The columns are those of gap_index; one added later is NULL on older nights.
-- Key: scope, edition, tier, night
-- Latest: where night = (select max(night) from marts.gap_index_vintage)
from vintage.gap_index
union all by name
from marts.gap_index
where
    night = night() and night not in (select night from vintage.gap_index)
    and (select scope from raw.run_scope) = 'full'
