-- One row per parity event, with what a message about it needs: both scores and where they can be read, the difference
-- with its interval, the boards that agree, and the night of its present state.
with replaced as (
    select e.event_id, min(w.valid_from) as replaced_on
    from marts.parity_event e
    join staging.first_to_reach w
        on
            w.scope = e.scope and w.edition = e.edition and w.tier = e.tier and w.grade = e.grade
            and w.closed_model = e.closed_model and w.open_model <> e.open_model and w.valid_from > e.known_on
    where e.state = 'superseded'
    group by e.event_id
)
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
        when 'superseded' then coalesce(r.replaced_on, night()) else e.known_on
    end as state_on,
    coalesce(p.level_on, []) as level_on,
    coalesce(p.behind_on, []) as behind_on,
    o.page as open_page,
    c.page as closed_page
from marts.parity_event e
left join input.board b on b.board = e.scope
left join replaced r using (event_id)
left join staging.event_pair p on p.closed_model = e.closed_model and p.open_model = e.open_model
left join staging.event_evidence o
    on o.board = e.scope and o.edition = e.edition and o.model = e.open_model and o.value = e.open_score
left join staging.event_evidence c
    on c.board = e.scope and c.edition = e.edition and c.model = e.closed_model and c.value = e.closed_score
