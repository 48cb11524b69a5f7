-- One row per model and board edition: its best plain configuration, and out of how many (METHOD section 1).
-- Self-reported values make candidates only, so they never set a frontier, and a withdrawn row counts for nothing.
-- Parts: board, by staging.current_score.board
select *, count(*) over (partition by board, edition, model) as configurations
from staging.current_score
where not self_reported and gone_since is null
qualify row_number() over (
    partition by board, edition, model order by signed desc, known_on, name, listed_as, scored_on
) = 1
