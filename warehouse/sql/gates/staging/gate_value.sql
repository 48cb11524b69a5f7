-- One row per table of `staging.gate_page` and configuration in it: its value, better is more, and the spread of the
-- values it stands there with.  `row_key` stands for name, variant and date where tables are compared.
with stated as (
    select
        g.table_no, r.source, r.name, r.variant, r.scored_on,
        better_is_more(g.better, r.value) as signed
    from staging.gate_page g
    join raw.score r
        on r.source = g.source and r.page_key = g.page_key and r.board = g.board and r.edition = g.edition
    union all by name
    select
        g.table_no, h.source, h.name, h.variant, h.scored_on,
        arg_max(better_is_more(g.better, h.value), h.known_on) as signed
    from staging.gate_page g
    join history.score h
        on h.source = g.source and h.board = g.board and h.edition = g.edition and h.known_on <= g.from_night
    where not g.own
    group by g.table_no, h.source, h.name, h.variant, h.scored_on
)
select
    table_no, hash(name, variant, coalesce(scored_on, date '1970-01-01')) as row_key, source, name, variant, scored_on,
    max(signed) as signed, max(signed) - min(signed) as spread
from stated
group by all
