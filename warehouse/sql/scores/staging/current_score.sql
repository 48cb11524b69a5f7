-- One row per configuration on a board edition: its newest value as known on the night, since when it is known, and
-- the newest page that shows it.  Bundled history has no rows as written, so a page of our own archive goes before it.
-- Parts: source, by staging.observation.source, staging.score_statement.source, staging.resolved_name.source, staging.withdrawn_score.source
with newest as (
    select * from staging.observation
    qualify row_number() over (
        partition by source, board, edition, name, variant, scored_on order by known_on desc, url desc
    ) = 1
),
evidence as (
    select
        s.source, s.board, s.edition, s.name, s.variant, s.scored_on,
        arg_max(struct_pack(
            written := s.stated.written, url := s.url, page_key := s.page_key, sha256 := s.sha256, fetched_at := s.fetched_at
        ), (s.stated.written <> '', s.known_on, s.url, s.page_key)) as seen
    from staging.score_statement s
    join newest o
        on
            o.source = s.source and o.board = s.board and o.edition = s.edition and o.name = s.name
            and o.variant = s.variant and o.scored_on is not distinct from s.scored_on and o.value = s.stated.value
    group by all
),
first_known as (
    select o.board, o.edition, n.model, min(o.known_on) as first_known_on
    from staging.observation o
    join staging.resolved_name n on n.source = o.source and n.name = o.name
    group by all
)
select
    o.source, o.board, o.edition, o.name, o.variant as listed_as, o.scored_on,
    n.model, n.title, n.variant, n.layer, n.known,
    o.value, better_is_more(b.better, o.value) as signed,
    o.stderr, coalesce(o.n_items, b.n_items) as n_items, o.self_reported,
    e.seen.written, e.seen.url, e.seen.page_key, e.seen.sha256, e.seen.fetched_at, o.known_on,
    w.gone_since, f.first_known_on
from newest o
join evidence e
    on
        e.source = o.source and e.board = o.board and e.edition = o.edition and e.name = o.name
        and e.variant = o.variant and e.scored_on is not distinct from o.scored_on
join staging.resolved_name n on n.source = o.source and n.name = o.name
join first_known f on f.board = o.board and f.edition = o.edition and f.model is not distinct from n.model
join input.board b on b.board = o.board
left join staging.withdrawn_score w
    on
        w.source = o.source and w.board = o.board and w.edition = o.edition and w.name = o.name
        and w.variant = o.variant and w.back_on is null
