-- One row per board edition, tier and date on which either frontier can change: both leaders on that date.
with changes as (
    select distinct board, edition, tier, from_on as valid_from from staging.frontier_candidate
    union
    select distinct board, edition, tier, until_on from staging.frontier_candidate where until_on is not null
),
leaders as (
    select
        c.board, c.edition, c.tier, c.valid_from, e.side, e.model, e.title, e.name, e.variant, e.value, e.signed,
        e.stderr, e.n_items, e.dated_on, e.provisional
    from changes c
    join staging.frontier_candidate e
        on
            e.board = c.board and e.edition = c.edition and e.tier = c.tier
            and e.from_on <= c.valid_from and (e.until_on is null or e.until_on > c.valid_from)
    qualify row_number() over (
        partition by c.board, c.edition, c.tier, c.valid_from, e.side order by e.signed desc, e.from_on, e.model
    ) = 1
),
counts as (
    select
        c.board, c.edition, c.tier, c.valid_from,
        count(distinct e.model) filter (where e.side = 'closed') as n_closed,
        count(distinct e.model) filter (where e.side = 'open') as n_open
    from changes c
    join staging.frontier_candidate e
        on
            e.board = c.board and e.edition = c.edition and e.tier = c.tier
            and e.from_on <= c.valid_from and (e.until_on is null or e.until_on > c.valid_from)
    group by all
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
    coalesce(n.n_closed, 0) as n_closed, coalesce(n.n_open, 0) as n_open
from changes c
left join leaders closed
    on
        closed.board = c.board and closed.edition = c.edition and closed.tier = c.tier and closed.valid_from = c.valid_from
        and closed.side = 'closed'
left join leaders open
    on
        open.board = c.board and open.edition = c.edition and open.tier = c.tier and open.valid_from = c.valid_from
        and open.side = 'open'
left join counts n on n.board = c.board and n.edition = c.edition and n.tier = c.tier and n.valid_from = c.valid_from
