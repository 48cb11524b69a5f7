-- One row per board edition and page that showed it anew: whether that table is believed as a whole, and why not.
-- Half a table of unbelievable cells is no table; one mistyped cell in thirty is one quarantined row.  A table cut
-- short is normal on some boards (20 to 71 rows of one list from night to night), so it is measured against the
-- longest at the same address, whatever date stands in it, of the fortnight before.  A board that really shrank is
-- believed when that has passed: its next table is measured anew, and one that just stays is seen again on day 15.
with shown as (
    select p.source, p.url, regexp_replace(p.url, '[0-9]+', '#', 'g') as address, p.page_key, p.sha256, p.fetched_at, p.from_night, s.board, s.edition, s.seen, s.accepted,
        s.quarantined, coalesce(s.updated_on, p.modified_on) as updated_on, b.min_rows
    from staging.page_seen p
    join staging.snapshot s on s.source = p.source and s.page_key = p.page_key
    join seed.board b on b.board = s.board
),
remembered as (
    select address, board, edition, from_night, seen from shown
    union all
    select address, board, edition, known_on, rows from history.table_seen where known_on <= (select night from seed.night)
),
longest as (
    select distinct address, board, edition, from_night,
        max(seen) over (
            partition by address, board, edition order by from_night
            range between interval 14 days preceding and current row) as fortnight
    from remembered
),
judged as (
    select
        s.* exclude (min_rows),
        lead(s.from_night) over (partition by s.address, s.board, s.edition order by s.from_night, s.url) as next_night,
        case
            when s.seen < s.min_rows then format('{} rows shown, at least {} expected', s.seen, s.min_rows)
            when s.quarantined > greatest(1, 0.02 * s.seen)
                then format('{} of {} rows not believable', s.quarantined, s.seen)
            when s.seen < 0.9 * l.fortnight
                then format('{} rows shown, {} within the fortnight before', s.seen, l.fortnight)
            else ''
        end as held
    from shown s
    join longest l
        on l.address = s.address and l.board = s.board and l.edition = s.edition and l.from_night = s.from_night
)
select * exclude (next_night) from judged
union all by name
select * exclude (next_night) replace (from_night + 15 as from_night, '' as held)
from judged
where held like '%within the fortnight before'
    and from_night + 15 < coalesce(next_night, (select night from seed.night) + 1)
