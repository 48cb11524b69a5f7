-- Events whose published dates moved: found on another night, dated anew in the same state, or in a new state that is
-- not later than the night that published the one before (METHOD section 4, "Not news").
select e.event_id, e.kind, m.state as was, e.state, m.known_on as was_known_on, e.known_on, m.state_on as was_state_on, e.state_on
from marts.event e
join staging.event_memory m using (event_id)
where
    e.known_on <> m.known_on or (e.state = m.state and e.state_on <> m.state_on)
    or (e.state <> m.state and e.state_on <= m.night and m.night < night())
union all
-- Events and parity events that differ, and states without a date.
select e.event_id, e.kind, p.state, e.state, p.known_on, e.known_on, null, e.state_on
from marts.event e
left join marts.parity_event p using (event_id)
where
    e.state_on is null or p.state <> e.state or p.known_on <> e.known_on
    or p.confirmed_on <> e.state_on or p.retracted_on <> e.state_on or p.superseded_on <> e.state_on
