-- One row per board edition and page that showed it anew: the facts of its table that this page alone gives.
-- Tables of one board edition at one address are a series, whatever date stands in the address (a folder a day).
-- `table_no` numbers them, older before newer.  Bundled history stands for the table before the first: where it knows the
-- board edition at this address, it is a table with rows and values, but not our own and without a page.
with shown as (
    select
        p.source, p.url, regexp_replace(p.url, '[0-9]+', '#', 'g') as address,
        regexp_replace(p.url, '[0-9]{4}([-_/]?[0-9]{2}){0,2}', '#', 'g') as place, p.page_key, p.sha256, p.fetched_at,
        p.from_night, s.board, s.edition, s.seen, s.accepted, s.quarantined, s.excluded,
        s.updated_on as stated_on, coalesce(s.updated_on, p.modified_on) as updated_on
    from staging.page_seen p
    join staging.snapshot s on s.source = p.source and s.page_key = p.page_key
),
first_shown as (
    select source, address, place, board, edition, min(from_night) as from_night from shown group by all
),
remembered as (
    select
        h.source, h.address, f.place, h.board, h.edition, max(h.known_on) as from_night,
        arg_max(h.rows, h.known_on)::bigint as seen, max(h.updated_on) as updated_on
    from history.accepted_table h
    join first_shown f
        on
            f.source = h.source and f.address = h.address and f.board = h.board and f.edition = h.edition
            and h.known_on < f.from_night
    group by all
),
every as (
    select *, true as own from shown
    union all by name
    select
        *, updated_on as stated_on, seen as accepted, 0 as quarantined, 0 as excluded, '' as url, '' as page_key,
        '' as sha256, false as own
    from remembered
)
select
    row_number() over (
        order by e.source, e.place, e.board, e.edition, e.from_night, e.url, e.page_key, e.address
    ) as table_no,
    dense_rank() over (order by e.source, e.place, e.board, e.edition) as series,
    e.*,
    lead(e.from_night) over one_series as next_night,
    b.min_rows, b.unit, b.better, b.low, b.high, b.counts_for_index
from every e
join input.board b on b.board = e.board
window one_series as (
    partition by e.source, e.place, e.board, e.edition order by e.from_night, e.url, e.page_key, e.address
)
