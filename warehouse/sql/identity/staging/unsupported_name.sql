-- One row per name that a source gave to scores which a gate held and the source took back, and to nothing else on another
-- page: nothing it said ever counted.  It names no model: a page that invents one for a night leaves nothing in `model`.
with stated as (
    select source, name, page_key from raw.access
    union
    select source, name, page_key from raw.release
    union
    select source, name, page_key from raw.price
    union
    select source, name, page_key from raw.spec
),
elsewhere as (
    -- Pages that came after the night have no answer that it knows.
    select * from stated semi join raw.fetch_result using (source, page_key)
    union
    select source, name, '' from history.access
    union
    select source, name, '' from history.release
    union
    select source, name, '' from history.price
    union
    select source, name, '' from history.spec
),
supported as (
    select source, name from elsewhere
    anti join staging.held_score using (source, name, page_key)
    union
    select source, name from staging.score_statement
)
select h.source, h.name
from staging.held_score h
left join staging.withdrawn_score w
    on
        -- Whatever the edition: that of a page is not the one that a re-base opens (Artificial Analysis, 2026-06-16).
        w.source = h.source and w.board = h.board and w.name = h.name and w.variant = h.variant
        and w.gone_since > h.from_night and w.back_on is null
anti join supported s on s.source = h.source and s.name = h.name
group by h.source, h.name
having bool_and(h.believed_on is null and w.gone_since is not null)
