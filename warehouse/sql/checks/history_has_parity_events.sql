-- A night that a year of the bundled history is behind, without one parity event.  A folder that stands on its own first
-- nights may have none: every row waits for a second look there.
select s.first_on as history_begins_on
from (select min(known_on) as first_on from history.score) s
where s.first_on <= night() - 365 and not exists (select event_id from marts.parity_event)
