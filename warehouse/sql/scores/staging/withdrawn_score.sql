-- One row per configuration that its board took down: since when the newest accepted table no longer shows it.
-- A row that is quarantined or held by a gate is still shown.  One in the newest table of any other address is not
-- withdrawn either: lists of several pages move their rows about.  A board that cannot be read withdraws nothing.
with series as (
    select p.source, g.place, p.board, p.edition, p.page_key, p.from_night,
        row_number() over one_series as n, lead(p.from_night) over one_series as next_night
    from staging.accepted_table p
    join staging.gate_page g using (t)
    where p.held = ''
    window one_series as (
        partition by p.source, g.place, p.board, p.edition order by p.from_night, p.url, p.page_key)
),
shown as (
    select s.source, s.place, s.board, s.edition, r.name, r.variant, max(s.n) as n
    from series s
    join raw.score r
        on r.source = s.source and r.page_key = s.page_key and r.board = s.board and r.edition = s.edition
    group by all
),
set_aside as (
    select s.source, s.place, s.board, s.edition, q.name, max(s.n) as n
    from series s
    join raw.quarantined q
        on q.source = s.source and q.page_key = s.page_key and q.board = s.board and q.edition = s.edition
    group by all
),
remembered as (
    select s.source, s.place, s.board, s.edition, h.name, h.variant, max(s.n) filter (where s.from_night <= h.known_on) as n
    from history.score h
    join series s
        on s.source = h.source and s.board = h.board and s.edition = h.edition
        and s.place = regexp_replace(h.url, '[0-9]{4}([-_/]?[0-9]{2}){0,2}', '#', 'g')
    where h.known_on <= night()
    group by all
),
last_shown as (
    select e.source, e.place, e.board, e.edition, e.name, e.variant, greatest(max(e.n), max(a.n), 0) as n
    from (from shown union all by name from remembered) e
    left join set_aside a using (source, place, board, edition, name)
    group by all
)
select l.source, l.board, l.edition, l.name, l.variant, max(s.from_night) as gone_since
from last_shown l
left join series s
    on s.source = l.source and s.place = l.place and s.board = l.board and s.edition = l.edition and s.n = l.n + 1
group by all
having bool_and(s.n is not null)
