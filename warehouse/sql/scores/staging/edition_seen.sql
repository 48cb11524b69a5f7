-- One row per board edition: the newest date its table stands for, and whether it is its board's newest edition.
-- One that a re-base closed ends on the night before `ended_on` and is never the newest.
-- The board's own date counts where it states one; else the server's Last-Modified; else the night we first saw these bytes.
with dated as (
    select board, edition, updated_on, from_night as known_on
    from staging.accepted_table where held = '' and accepted > 0
    union all by name
    select board, edition, updated_on, known_on from history.accepted_table
),
every as (
    select
        board, edition,
        max(least(coalesce(updated_on, known_on), known_on)) as observed_on,
        min(known_on) as first_seen_on
    from dated
    group by all
),
closed as (
    select board, closes as edition, min(night) as ended_on from staging.rebase where opens <> closes group by all
)
select
    *,
    edition = last_value(edition) over (
        partition by board order by ended_on is null, observed_on, first_seen_on, edition
        rows between unbounded preceding and unbounded following
    ) as newest
from every
left join closed using (board, edition)
