-- One row per board edition, tier and date on which either frontier can change: both leaders on that date.
-- Parts: board, by staging.frontier_candidate.board, staging.frontier_record.board
with only_provisional as (
    -- A provisional row counts as a model of its own only where its model has no other.
    select *
    from (from staging.frontier_candidate where provisional)
    anti join (from staging.frontier_candidate where not provisional) using (board, edition, tier, side, model)
),
moves as (
    select board, edition, tier, side, from_on as valid_from, (not provisional)::integer as n
    from staging.frontier_candidate
    union all
    select board, edition, tier, side, until_on, -(not provisional)::integer
    from staging.frontier_candidate where until_on is not null
    union all
    select board, edition, tier, side, from_on, 1 from only_provisional
    union all
    select board, edition, tier, side, until_on, -1 from only_provisional where until_on is not null
),
changes as (
    select
        board, edition, tier, valid_from,
        sum(n) filter (side = 'closed') as closed_more,
        sum(n) filter (side = 'open') as open_more
    from moves
    group by all
),
turns as (
    -- The dates on which a leader can change: a tenth of those on which a candidate comes or goes.
    select board, edition, tier, from_on as valid_from from staging.frontier_record
    union
    select board, edition, tier, until_on from staging.frontier_record where until_on is not null
),
best as (
    -- No record left: the places are NULL.
    select
        t.board, t.edition, t.tier, t.valid_from,
        {
            'closed': min(e.place) filter (e.side = 'closed'), 'open': min(e.place) filter (e.side = 'open')
        } as places
    from turns t
    left join staging.frontier_record e
        on
            e.board = t.board and e.edition = t.edition and e.tier = t.tier
            and e.from_on <= t.valid_from and (e.until_on is null or e.until_on > t.valid_from)
    group by all
),
placed as (
    select
        c.board, c.edition, c.tier, c.valid_from,
        lead(c.valid_from) over until_then as next_on,
        last_value(b.places ignore nulls) over until_then as places,
        coalesce(sum(c.closed_more) over until_then, 0)::bigint as n_closed,
        coalesce(sum(c.open_more) over until_then, 0)::bigint as n_open
    from changes c
    left join best b using (board, edition, tier, valid_from)
    window until_then as (partition by c.board, c.edition, c.tier order by c.valid_from)
)
select
    p.board, p.edition, p.tier, p.valid_from, p.next_on,
    closed.model as closed_model, closed.title as closed_title, closed.name as closed_name,
    closed.variant as closed_variant, closed.value as closed_score, closed.signed as closed_signed,
    closed.stderr as closed_stderr, closed.n_items as closed_n, closed.dated_on as closed_on,
    closed.provisional as closed_provisional,
    open.model as open_model, open.title as open_title, open.name as open_name,
    open.variant as open_variant, open.value as open_score, open.signed as open_signed,
    open.stderr as open_stderr, open.n_items as open_n, open.dated_on as open_on,
    open.provisional as open_provisional,
    p.n_closed, p.n_open
from placed p
left join staging.frontier_record closed
    on
        closed.board = p.board and closed.edition = p.edition and closed.tier = p.tier
        and closed.side = 'closed' and closed.place = p.places.closed
left join staging.frontier_record open
    on
        open.board = p.board and open.edition = p.edition and open.tier = p.tier
        and open.side = 'open' and open.place = p.places.open
