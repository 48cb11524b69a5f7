-- One row per event that an earlier night published: when it was found, and the last state it was published in.
-- `published_on` is the last night that published anything new.
select *, (select max(night) from vintage.event_state) as published_on
from vintage.event_state
qualify row_number() over (partition by event_id order by night desc, state_on desc, state) = 1
