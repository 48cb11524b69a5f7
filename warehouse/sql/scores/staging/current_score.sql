-- One row per configuration on a board edition: its newest value as known on the night, since when it is known, and
-- the newest page that shows it.  Bundled history has no rows as written, so a page of our own archive goes before it.
with evidence as (
    select
        source, board, edition, name, variant, scored_on, stated.value,
        arg_max(struct_pack(
            written := stated.written, url := url, page_key := page_key, sha256 := sha256, fetched_at := fetched_at
        ), (stated.written <> '', known_on, url, page_key)) as seen
    from staging.score_statement
    group by all
)
select
    o.source, o.board, o.edition, o.name, o.variant as listed_as, o.scored_on,
    n.model, n.title, n.variant, n.layer, n.known,
    o.value, better_is_more(b.better, o.value) as signed,
    o.stderr, coalesce(o.n_items, b.n_items) as n_items, o.self_reported,
    e.seen.written, e.seen.url, e.seen.page_key, e.seen.sha256, e.seen.fetched_at, o.known_on,
    w.gone_since,
    min(o.known_on) over (partition by o.board, o.edition, n.model) as first_known_on
from staging.observation o
join evidence e
    on
        e.source = o.source and e.board = o.board and e.edition = o.edition and e.name = o.name
        and e.variant = o.variant and e.scored_on is not distinct from o.scored_on and e.value = o.value
join staging.resolved_name n on n.source = o.source and n.name = o.name
join input.board b on b.board = o.board
left join staging.withdrawn_score w
    on
        w.source = o.source and w.board = o.board and w.edition = o.edition and w.name = o.name
        and w.variant = o.variant and w.back_on is null
qualify row_number() over (
    partition by o.source, o.board, o.edition, o.name, o.variant, o.scored_on order by o.known_on desc, o.url desc
) = 1
