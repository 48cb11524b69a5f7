-- One row per configuration that gate G16 holds tonight and the newest accepted table shows: new, and it would lead its
-- board or does not suit its model.  It counts on its own board's frontier at once, marked provisional, from the night on
-- which it came; composites, events and claims see it once it is shown again on another night (`staging.score_statement`).
-- Left out wholly, ten boards of 2026-06-17 had another leader than their pages (GLM-5.2), and five of 2026-07-10.
with newest as (
    select * from staging.accepted_table
    where held = ''
    qualify row_number() over (
        partition by source, board, page_edition, address order by from_night desc, url desc, page_key desc
    ) = 1
)
select
    p.source, p.board, p.edition, r.name, r.variant as listed_as, r.scored_on,
    n.model, n.title, n.variant, n.layer, n.known,
    r.value, better_is_more(b.better, r.value) as signed, r.stderr, coalesce(r.n_items, b.n_items) as n_items,
    r.self_reported, r.written, p.url, p.page_key, p.sha256, p.fetched_at, p.from_night as known_on
from staging.held_score h
join newest p using (table_no)
join raw.score r
    on
        r.source = p.source and r.page_key = p.page_key and r.board = p.board and r.edition = p.page_edition
        and r.name = h.name and r.variant = h.variant and r.scored_on is not distinct from h.scored_on
join staging.resolved_name n on n.source = r.source and n.name = r.name
join input.board b on b.board = r.board
anti join (from staging.current_score where gone_since is null) c
    on
        c.source = p.source and c.board = p.board and c.edition = p.edition and c.name = r.name and c.listed_as = r.variant
        and c.scored_on is not distinct from r.scored_on
where h.gate = 'G16' and h.believed_on is null
qualify row_number() over (
    partition by p.source, p.board, p.edition, r.name, r.variant, r.scored_on
    order by signed desc, r.self_reported, r.written desc, p.url desc
) = 1
