-- A state beside an interval that says otherwise: no lead whose interval contains zero, nothing below resolution beside
-- an interval without zero; and no event of grade lead whose own interval contains zero.
select night, scope, edition, tier, state, gap, gap_lo, gap_hi
from marts.gap_index
where
    state = 'closed leads' and gap_lo <= 0 or state = 'open leads' and gap_hi >= 0
    or state = 'below resolution' and (gap_lo > 0 or gap_hi < 0)
union all
select known_on, scope, edition, tier, state, difference, round(difference - z90() * standard_error, 9), null
from marts.parity_event
where grade = 'lead' and state <> 'retracted' and difference - z90() * standard_error <= 0
