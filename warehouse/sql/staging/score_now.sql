-- One row per configuration on a board edition: its newest value as known on the night.
select
    o.source, o.board, o.edition, o.name, o.variant as listed_as, o.scored_on,
    n.model, n.title, n.variant, n.layer, n.known,
    o.value, case b.better when 'higher' then o.value else -o.value end as signed,
    o.stderr, coalesce(o.n_items, b.n_items) as n_items, o.self_reported,
    o.written, o.url, o.page_key, o.sha256, o.fetched_at, o.known_on,
    min(o.known_on) over (partition by o.board, o.edition, n.model) as first_known_on
from staging.observation o
join staging.resolved n on n.source = o.source and n.name = o.name
join seed.board b on b.board = o.board
qualify row_number() over (
    partition by o.source, o.board, o.edition, o.name, o.variant, o.scored_on order by o.known_on desc, o.url desc) = 1
