-- One row per change of a score: what was said, since when we know it, and by which page.
-- Append-only in meaning: a correction is a new row with a later known_on.
with nightly as (
    select * from staging.score_said
    qualify row_number() over (
        partition by source, board, edition, name, variant, scored_on, known_on order by url desc, page_key, told.written desc) = 1
)
select
    source, board, edition, name, variant, scored_on,
    told.developer, told.value, told.stderr, told.n_items, told.self_reported, told.written,
    url, page_key, sha256, fetched_at, known_on
from nightly
window each_value as (partition by source, board, edition, name, variant, scored_on order by known_on)
qualify told.value is distinct from lag(told.value) over each_value
    or told.stderr is distinct from lag(told.stderr) over each_value
    or told.self_reported is distinct from lag(told.self_reported) over each_value
