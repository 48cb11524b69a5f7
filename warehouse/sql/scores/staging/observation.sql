-- One row per change of a score: the value, since when we know it, and from which page.
-- In effect append-only: a correction is a new row with a later known_on.
-- Parts: board, by staging.score_statement.board
with nightly as (
    select * from staging.score_statement
    qualify row_number() over (
        partition by source, board, edition, name, variant, scored_on, known_on order by url desc, page_key, stated.written desc
    ) = 1
)
select
    source, board, edition, name, variant, scored_on,
    stated.developer, stated.value, stated.stderr, stated.n_items, stated.self_reported, stated.written,
    url, page_key, sha256, fetched_at, known_on
from nightly
window each_value as (partition by source, board, edition, name, variant, scored_on order by known_on)
qualify
    stated.value is distinct from lag(stated.value) over each_value
    or stated.stderr is distinct from lag(stated.stderr) over each_value
    or stated.self_reported is distinct from lag(stated.self_reported) over each_value
