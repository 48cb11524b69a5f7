-- One row per value of a configuration and stretch of nights on which it counted: from the night it became known, or
-- its row came back, until another value was known or its board took the row down (NULL: it counts tonight).
-- Parts: board, by staging.observation.board, staging.withdrawn_score.board
with known_value as (
    select
        *, lead(known_on) over (
            partition by source, board, edition, name, variant, scored_on order by known_on
        ) as superseded_on
    from staging.observation
),
starts as (
    select *, known_on as known_from from known_value
    union all by name
    select s.*, w.back_on as known_from
    from known_value s
    join staging.withdrawn_score w using (source, board, edition, name, variant)
    where w.back_on > s.known_on and (s.superseded_on is null or w.back_on < s.superseded_on)
),
cut as (
    select
        s.*,
        min(w.gone_since) filter (where w.gone_since > s.known_from) as gone_since,
        coalesce(bool_or(w.gone_since <= s.known_from and (w.back_on is null or w.back_on > s.known_from)), false) as gone
    from starts s
    left join staging.withdrawn_score w using (source, board, edition, name, variant)
    group by all
)
select
    source, board, edition, name, variant, scored_on, value, stderr, n_items, self_reported, known_from,
    least(superseded_on, gone_since) as known_to
from cut
where not gone
