-- One row per board edition, model and stretch of nights on which we knew one best plain value of it.
-- Knowledge time: `known_to` is the night with a newer value, NULL while the value holds tonight.  The value is the best
-- of the model's configurations as known then (METHOD section 1); self-reported and withdrawn ones make no value here.
-- Parts: source, by staging.score_in_force.source, staging.resolved_name.source
with stated as (
    select f.*, n.model, n.variant as resolved_variant
    from staging.score_in_force f
    join staging.resolved_name n on n.source = f.source and n.name = f.name
),
moments as (
    select board, edition, model, known_from from stated
    union
    select board, edition, model, known_to from stated where known_to is not null
),
best as (
    select
        m.board, m.edition, m.model, m.known_from,
        s.source, s.name, s.resolved_variant as variant, s.value, s.stderr, s.n_items,  -- all NULL: no value is left
        better_is_more(b.better, s.value) as signed,
        count(s.value) over (partition by m.board, m.edition, m.model, m.known_from) as configurations
    from moments m
    left join stated s
        on
            s.board = m.board and s.edition = m.edition and s.model = m.model and s.known_from <= m.known_from
            and (s.known_to is null or s.known_to > m.known_from) and not s.self_reported
    join input.board b on b.board = m.board
    qualify row_number() over (
        partition by m.board, m.edition, m.model, m.known_from
        order by signed desc, s.known_from, s.name, s.variant, s.scored_on
    ) = 1
),
changed as (
    select * from best
    window path as (partition by board, edition, model order by known_from)
    qualify (value, stderr, name, variant) is distinct from lag((value, stderr, name, variant)) over path
),
stretches as (
    select *, lead(known_from) over (partition by board, edition, model order by known_from) as known_to from changed
),
scaled as (
    select
        c.*, b.unit, b.n_items as registered, coalesce(b.ceiling, b.high) - coalesce(b.chance, b.low) as span,
        case
            when b.unit = 'rating' then 1 / (1 + 10 ** ((1300 - c.value) / 400))
            when b.better = 'higher' then (c.value - coalesce(b.chance, b.low)) / (coalesce(b.ceiling, b.high) - coalesce(b.chance, b.low))
            else (coalesce(b.ceiling, b.high) - c.value) / (coalesce(b.ceiling, b.high) - coalesce(b.chance, b.low))
        end as portion
    from stretches c
    join input.board b on b.board = c.board
    where c.value is not null
),
uncertain as (
    select
        *,
        case
            when stderr is not null then stderr
            when unit not in ('rating', 'index') and coalesce(n_items, registered) > 0
                -- Binomial, and 2 points more for what one evaluator does otherwise than the next.
                then span * sqrt(
                    greatest(0.01, least(0.99, portion)) * (1 - greatest(0.01, least(0.99, portion)))
                    / coalesce(n_items, registered) + 0.02 ** 2
                )
        end as error,
        case
            when stderr is not null then 'board'
            when unit in ('rating', 'index') then ''
            when n_items > 0 then 'items'
            when registered > 0 then 'registered'
            else ''
        end as stderr_basis
    from scaled
)
select
    board, edition, model, known_from, known_to,
    value, signed, error as stderr, stderr_basis, coalesce(n_items, registered) as n_items,
    least(1, greatest(0, portion)) as share,
    case when unit = 'rating' then portion * (1 - portion) * ln(10) / 400 * error else error / span end as share_stderr,
    source, name, variant, configurations
from uncertain
