-- One row per closed and open model of a parity event: on which boards that count the open one stands level or ahead
-- tonight, and on which behind, point against point.
with pairs as (
    select distinct closed_model, open_model from marts.parity_event where grade <> 'match'
),
levels as (
    select p.scope, b.title, p.model, p.signed
    from staging.level_history p
    join staging.edition_seen e on e.board = p.scope and e.edition = p.edition and e.newest
    join seed.board b on b.board = p.scope and b.counts_for_index
    where p.scope_kind = 'board' and p.known_to is null
)
select
    p.closed_model, p.open_model,
    coalesce(list(o.title order by o.title) filter (o.signed >= c.signed), []) as level_on,
    coalesce(list(o.title order by o.title) filter (o.signed < c.signed), []) as behind_on
from pairs p
join levels o on o.model = p.open_model
join levels c on c.model = p.closed_model and c.scope = o.scope
group by all
