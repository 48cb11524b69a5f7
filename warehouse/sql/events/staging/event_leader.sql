-- One row per scope, edition, tier, side and model that took the frontier over, as known on the night it did.
-- One event for each model: a rating that drifts to and fro makes no second one.  A leader of a board counts as
-- confirmed when its value was shown twice (`staging.frontier_confirmed`: one bad page makes no leader) and the boards of
-- another operator put it ahead of the model it overtook too (one operator makes none, however long it lies); until then
-- `one_operator` is true.  It counts as retracted when the scores as corrected put it below the model it overtook by more
-- than their joint standard error.
with leaders as (
    select
        l.scope_kind, l.scope, l.edition, l.domain, l.valid_from, t.tier, l.side, l.model, l.value, l.signed, l.stderr,
        l.from_on, l.first_seen_on
    from (
        select s.scope, s.edition, s.valid_from, u.tier, s.side, arg_min(s.model, (-s.signed, s.from_on, s.model)) as model
        from staging.asof_scores s, unnest(s.tiers) u (tier)
        group by s.scope, s.edition, s.valid_from, u.tier, s.side
    ) t
    join staging.asof_scores l using (scope, edition, valid_from, side, model)
),
changes as (
    select
        *, lag(model) over path as before_model, lag(value) over path as before_value,
        lag(signed) over path as before_signed, lag(stderr) over path as before_stderr
    from leaders
    window path as (partition by scope, edition, tier, side order by valid_from)
    qualify model is distinct from lag(model) over path
),
reigns as (
    select *, lead(valid_from) over (partition by scope, edition, tier, side order by valid_from) as until
    from changes
),
looks as (
    select distinct source, night as valid_from from raw.fetch_result
    where page_key is not null
    union
    select source, known_on from history.accepted_table
    union
    select source, known_on from history.source_seen
),
-- Gate G10 says when a value was shown twice; a model that leads without a new value of its own (its access changed)
-- waits for the next look at the board, and a composite, which stands on many boards, for the next night.
shown_twice as (
    select board, edition, model, value, min(confirmed_on) as confirmed_on, bool_or(true) as judged
    from staging.frontier_confirmed
    group by all
),
seconded as (
    select
        r.scope, r.edition, r.tier, r.side, r.valid_from, r.until,
        case
            when any_value(f.judged) is null then min(k.valid_from)
            when any_value(f.confirmed_on) is not null then greatest(r.valid_from, any_value(f.confirmed_on))
        end as confirmed_on
    from reigns r
    join input.board b on b.board = r.scope
    left join shown_twice f
        on f.board = r.scope and f.edition = r.edition and f.model = r.model and f.value = r.value
    left join looks k on k.source = b.source and k.valid_from > r.valid_from
    where r.scope_kind = 'board'
    group by r.scope, r.edition, r.tier, r.side, r.valid_from, r.until
    union all
    select
        r.scope, r.edition, r.tier, r.side, r.valid_from, r.until,
        r.valid_from + 1 as confirmed_on
    from reigns r
    where r.scope_kind <> 'board'
),
-- The boards' levels tonight of the models that took over from each other.  Materialized: joined by model first, before
-- by board, they once made a night of fourteen seconds.
standing as materialized (
    select l.scope, l.edition, l.model, l.signed, l.known_from, b.operator
    from staging.level_history l
    join input.board b on b.board = l.scope
    where
        l.third_party and l.known_to is null
        and l.model in (select unnest([model, before_model]) from reigns where scope_kind = 'board')
),
-- Since when the boards of another operator put the one ahead of the other, as they stand tonight.
ahead as (
    select l.model, o.model as before_model, l.operator, min(greatest(l.known_from, o.known_from)) as ahead_on
    from standing l
    join standing o on o.scope = l.scope and o.edition = l.edition and o.signed < l.signed
    where (l.model, o.model) in (select (model, before_model) from reigns where scope_kind = 'board')
    group by all
),
agreed as (
    select
        r.scope, r.edition, r.tier, r.side, r.valid_from, min(a.ahead_on) as ahead_on
    from reigns r
    join input.board b on b.board = r.scope
    join ahead a on a.model = r.model and a.before_model = r.before_model and a.operator <> b.operator
    group by all
),
taken as (
    select
        r.*, o.provisional is not null or r.scope_kind = 'board' and r.before_model is not null and g.ahead_on is null as one_operator,
        case when not one_operator and s.confirmed_on is not null then greatest(s.confirmed_on, g.ahead_on) end as confirmed_on
    from reigns r
    left join seconded s
        on
            s.scope = r.scope and s.edition = r.edition and s.tier = r.tier and s.side = r.side and s.valid_from = r.valid_from
            and (r.until is null or s.confirmed_on < r.until) and s.confirmed_on <= night()
    left join staging.operator_basis o on o.scope = r.scope and o.model = r.model
    left join agreed g
        on g.scope = r.scope and g.edition = r.edition and g.tier = r.tier and g.side = r.side and g.valid_from = r.valid_from
    where r.before_model is null or r.signed > r.before_signed
    qualify row_number() over (
        partition by r.scope, r.edition, r.tier, r.side, r.model
        order by s.confirmed_on is null, r.valid_from
    ) = 1
),
last_level as (
    select scope, edition, model, signed, stderr, known_from, known_to
    from staging.level_history
    qualify row_number() over (partition by scope, edition, model order by known_from desc) = 1
)
select
    t.* exclude (until),
    coalesce(
        m.known_to is not null
        or m.signed < b.signed - coalesce(sqrt(m.stderr ** 2 + b.stderr ** 2), 0), false
    ) as undone,
    coalesce(m.known_to, greatest(m.known_from, b.known_from)) as undone_on
from taken t
left join last_level m on m.scope = t.scope and m.edition = t.edition and m.model = t.model
left join last_level b on b.scope = t.scope and b.edition = t.edition and b.model = t.before_model and b.known_to is null
