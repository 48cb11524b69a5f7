-- Retractions of an event that has no row, or of one that is still in force.
select e.event_id, e.retracts, o.state
from marts.event e
left join marts.event o on o.event_id = e.retracts
where e.retracts is not null and (o.state is null or o.state not in ('retracted', 'superseded'))
