-- One row per board edition or composite, tier, side and record: which model held the frontier from when to when.
-- Key: scope, edition, tier, side, from_on
-- Latest: where until_on is null
with held as (
    select
        board, edition, tier, valid_from, next_on, 'closed' as side, closed_model as model, closed_title as title,
        closed_variant as variant, closed_score as score, closed_provisional as provisional
    from staging.frontier_state where closed_model is not null
    union all
    select
        board, edition, tier, valid_from, next_on, 'open', open_model, open_title, open_variant, open_score, open_provisional
    from staging.frontier_state where open_model is not null
    union all
    select
        b.scope, composite_edition(), b.tier, b.valid_from, b.next_on, 'closed',
        b.closed_model, n.title, '', round(b.closed_theta, 9), false
    from computed.ability_band b join staging.resolved_model n on n.model = b.closed_model
    union all
    select
        b.scope, composite_edition(), b.tier, b.valid_from, b.next_on, 'open',
        b.open_model, n.title, '', round(b.open_theta, 9), false
    from computed.ability_band b join staging.resolved_model n on n.model = b.open_model
),
runs as (
    select *, sum(fresh::integer) over each_frontier as run
    from (
        select *, ((model, score, provisional) is distinct from lag((model, score, provisional)) over each_frontier) as fresh
        from held
        window each_frontier as (partition by board, edition, tier, side order by valid_from)
    )
    window each_frontier as (partition by board, edition, tier, side order by valid_from)
)
select
    board as scope,                                 -- the board, domain or `overall`
    edition,                                        -- its edition
    tier,                                           -- any | T1
    side,                                           -- closed | open
    model,                                          -- the model that held the frontier
    any_value(title) as title,                      -- its name for people
    any_value(variant) as variant,                  -- its configuration, empty where plain
    score,                                          -- its score in the unit of its scope
    provisional,                                    -- true: its row is new and waits for a second look
    min(valid_from) as from_on,                           -- first date of the record
    case when bool_or(next_on is null) then null else max(next_on) end as until_on  -- date another took over; NULL: still standing
from runs
group by board, edition, tier, side, model, score, provisional, run
