-- One row per parity event, with what a message about it needs: both scores and where they can be read, the difference
-- with its interval, the boards that agree, and the night of its present state.
select
    e.*,
    coalesce(b.title, case e.scope_kind when 'overall' then 'the overall index' else 'the ' || e.scope || ' index' end)
        as scope_title,
    coalesce(b.unit, 'index points') as unit,
    coalesce(b.counts_for_index, true) as counts,
    e.difference - z90() * e.standard_error as difference_lo,
    e.difference + z90() * e.standard_error as difference_hi,
    case e.state
        when 'confirmed' then e.confirmed_on when 'retracted' then e.retracted_on
        when 'superseded' then e.superseded_on else e.known_on
    end as state_on,
    coalesce(p.level_on, []) as level_on,
    coalesce(p.behind_on, []) as behind_on,
    o.page as open_page,
    c.page as closed_page
from marts.parity_event e
left join input.board b on b.board = e.scope
left join staging.event_pair p on p.closed_model = e.closed_model and p.open_model = e.open_model
left join staging.event_evidence o
    on o.board = e.scope and o.edition = e.edition and o.model = e.open_model and o.value = e.open_score
left join staging.event_evidence c
    on c.board = e.scope and c.edition = e.edition and c.model = e.closed_model and c.value = e.closed_score
