-- One row per rule of Great Expectations that the build does not meet and that is no reason to withhold it.
-- The rules are tested on finished tables, so `input.broken_expectation` is empty until then; `add_warnings` of
-- warehouse/build.py fills it and makes this table and `marts.gate` again.
select night() as night, 'GX' as gate, rule, 'warned' as outcome, 'table' as "of", found as explanation
from input.broken_expectation
