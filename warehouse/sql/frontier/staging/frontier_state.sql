-- One row per board edition, tier and date on which either frontier can change: both leaders on that date.
-- Parts: board, by staging.frontier_candidate.board, staging.frontier_record.board
with changes as (
    select distinct board, edition, tier, from_on as valid_from from staging.frontier_candidate
    union
    select distinct board, edition, tier, until_on from staging.frontier_candidate where until_on is not null
),
best as (
    select c.board, c.edition, c.tier, c.valid_from, e.side, min(e.place) as place
    from changes c
    join staging.frontier_record e
        on
            e.board = c.board and e.edition = c.edition and e.tier = c.tier
            and e.from_on <= c.valid_from and (e.until_on is null or e.until_on > c.valid_from)
    group by all
),
leaders as (
    select b.valid_from, e.*
    from best b
    join staging.frontier_record e using (board, edition, tier, side, place)
),
counted as (
    -- A provisional row counts as a model of its own only where its model has no other.
    select * from staging.frontier_candidate
    qualify not provisional or bool_and(provisional) over (partition by board, edition, tier, side, model)
),
arrivals as (
    select board, edition, tier, from_on as valid_from, side, 1 as n from counted
    union all
    select board, edition, tier, until_on, side, -1 from counted where until_on is not null
),
counts as (
    select
        board, edition, tier, valid_from,
        sum(coalesce(sum(n) filter (side = 'closed'), 0)) over until_then as n_closed,
        sum(coalesce(sum(n) filter (side = 'open'), 0)) over until_then as n_open
    from arrivals
    group by board, edition, tier, valid_from
    window until_then as (partition by board, edition, tier order by valid_from)
)
select
    c.board, c.edition, c.tier, c.valid_from,
    lead(c.valid_from) over (partition by c.board, c.edition, c.tier order by c.valid_from) as next_on,
    closed.model as closed_model, closed.title as closed_title, closed.name as closed_name,
    closed.variant as closed_variant, closed.value as closed_score, closed.signed as closed_signed,
    closed.stderr as closed_stderr, closed.n_items as closed_n, closed.dated_on as closed_on,
    closed.provisional as closed_provisional,
    open.model as open_model, open.title as open_title, open.name as open_name,
    open.variant as open_variant, open.value as open_score, open.signed as open_signed,
    open.stderr as open_stderr, open.n_items as open_n, open.dated_on as open_on,
    open.provisional as open_provisional,
    coalesce(n.n_closed, 0)::bigint as n_closed, coalesce(n.n_open, 0)::bigint as n_open
from changes c
left join leaders closed
    on
        closed.board = c.board and closed.edition = c.edition and closed.tier = c.tier and closed.valid_from = c.valid_from
        and closed.side = 'closed'
left join leaders open
    on
        open.board = c.board and open.edition = c.edition and open.tier = c.tier and open.valid_from = c.valid_from
        and open.side = 'open'
asof left join counts n
    on n.board = c.board and n.edition = c.edition and n.tier = c.tier and n.valid_from <= c.valid_from
