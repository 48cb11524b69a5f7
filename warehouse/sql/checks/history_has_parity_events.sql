-- A build on the bundled history without one parity event.  A folder that stands on its own first nights may have none:
-- every row waits for a second look there.
select s.scores as scores_of_the_history
from (select count(*) as scores from history.score) s
where s.scores > 0 and not exists (select event_id from marts.parity_event)
