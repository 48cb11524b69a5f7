-- One row per closed frontier record and open-weight model that was the first to reach it, by grade (METHOD section 4).
-- An event is dated by the night that found it; a correction retracts it, and an earlier arrival supersedes it.
-- Key: event_id
-- Latest: where state <> 'superseded' and open_on > night() - 365
with agreeing as (
    -- Third-party boards on which the same two models stand in that grade tonight, and who operates them.
    select
        closed_model, open_model, grade, tier, count(distinct scope) as boards, count(distinct b.operator) as operators,
        max(known_on) as last_known_on
    from staging.parity_candidate
    join input.board b on b.board = scope
    where scope_kind = 'board' and third_party and passes_tonight
    group by all
),
unsure as (
    -- A leading value that one night and one source have shown (gate G10).
    select distinct board, edition, model from staging.frontier_confirmed
    where (confirmed_on is null or confirmed_on > night()) and replaced_on is null
),
lapsed as (
    -- Levels that were taken back: the board shows the row no more.
    select scope, edition, model, known_to as gone_on from staging.level_history
    qualify row_number() over (partition by scope, edition, model order by known_from desc) = 1 and known_to is not null
),
stands as (
    -- Composites: whether the two still stand in that grade without the boards of any one operator that scored either.
    -- What only one operator's boards make so is not confirmed, however long they show it.
    select
        r.scope, r.edition, r.tier, r.grade, r.closed_model, r.open_model,
        bool_and(coalesce(
            coalesce(o.theta, oa.theta) - coalesce(c.theta, ca.theta) >= case r.grade when 'parity' then -r.margin else 0 end,
            false
        ) and (o.operator is null or o.theta is not null) and (c.operator is null or c.theta is not null)) as without_any
    from staging.parity_candidate r
    join (select distinct scope, operator from computed.operator_influence) k using (scope)
    left join computed.operator_influence o on o.scope = r.scope and o.model = r.open_model and o.operator = k.operator
    left join computed.operator_influence c on c.scope = r.scope and c.model = r.closed_model and c.operator = k.operator
    join computed.ability oa on oa.scope = r.scope and oa.model = r.open_model
    join computed.ability ca on ca.scope = r.scope and ca.model = r.closed_model
    where r.scope_kind <> 'board' and (o.operator is not null or c.operator is not null)
    group by all
),
judged as (
    select
        r.*,
        -- A record taken down soon after the event was never one; a board that retires old models years later undoes nothing.
        l.gone_on <= r.known_on + 15 as record_withdrawn,
        r.known_on > r.first_seen_on and exists (
            select 1 from unsure u
            where u.board = r.scope and u.edition = r.edition and u.model in (r.open_model, r.closed_model)
        ) or exists (
            -- Values that moved all at once say nothing about who caught up until they have stayed so (gate G6).
            select 1 from staging.rebase b
            where
                b.board = r.scope and b.opens = r.edition and b.night <= r.known_on
                and (b.confirmed_on is null or r.known_on < b.confirmed_on)
                and (b.confirmed_on is null or b.confirmed_on > night())
        ) as waits,
        case
            when r.scope_kind = 'board' then coalesce(a.operators, 0) >= 2
            else r.n_instruments >= 6 and coalesce(w.without_any, false)
        end as seconded,
        greatest(r.known_on + 7, case when r.scope_kind = 'board' then a.last_known_on end) as confirmable_on,
        coalesce(a.boards, 0) as boards
    from staging.parity_candidate r
    left join agreeing a using (closed_model, open_model, grade, tier)
    left join stands w using (scope, edition, tier, grade, closed_model, open_model)
    left join lapsed l on l.scope = r.scope and l.edition = r.edition and l.model = r.closed_model
),
stated as (
    select
        *,
        case
            when undone and (is_record_tonight or difference_tonight is not null or record_withdrawn) then 'retracted'
            when not is_record_tonight or first_tonight <> open_model then 'superseded'
            when grade = 'match' or waits then 'candidate'
            when coalesce(passes_tonight, false) and seconded and confirmable_on <= night() then 'confirmed'
            else 'provisional'
        end as state
    from judged
),
named as (
    select
        *, sha256(concat_ws('|', grade, scope, edition, tier, closed_model, open_model, method_version())) as event_id,
        case state
            when 'confirmed' then confirmable_on when 'retracted' then undone_on when 'superseded' then replaced_on
            else known_on
        end as state_on
    from stated
),
-- What earlier nights published of it is not dated anew.
dated as (
    select
        n.* replace (
            coalesce(m.known_on, n.known_on) as known_on, kept_state(m.state, n.state) as state,
            kept_on(m.state, n.state, m.state_on, n.state_on, m.published_on) as state_on
        )
    from named n
    left join staging.event_memory m using (event_id)
)
select
    s.event_id,      -- digest of what the event is about
    s.scope_kind,                                                   -- board | domain | overall
    s.scope,                                                        -- the board, domain or `overall`
    s.edition,                                                      -- its edition
    s.domain,                                                       -- kind of ability
    s.grade,                                                        -- match: score at or above; parity: not worse by the margin; lead: better, both with confidence
    s.state,                                                        -- candidate | provisional | confirmed | retracted | superseded
    s.tier,                                                         -- any | T1
    s.closed_model,                                                 -- the closed record that was reached
    c.title as closed_title,                                        -- its name for people
    s.closed_score,                                                 -- its score when the event was found
    s.closed_on,                                                    -- date it counts from (API)
    s.open_model,                                                   -- the first open-weight model that reached it
    o.title as open_title,                                          -- its name for people
    s.open_score,                                                   -- its score when the event was found
    s.open_on,                                                      -- date it counts from (weights)
    s.open_on - s.closed_on as days,                                -- days from closed_on to open_on; negative: open was there first
    round(s.difference, 9) as difference,                           -- open minus closed, better is more, when the event was found
    case when s.grade <> 'match' then round(s.margin, 9) end as margin,  -- margin of the parity test; NULL for a match
    round(s.standard_error, 9) as standard_error,                   -- of the difference; NULL where the noise is unknown
    s.n_instruments,                                                -- instruments behind each level; 1 for a board
    s.boards,                                                       -- third-party boards on which the two stand in this grade tonight
    s.known_on,                                                     -- night on which it was found
    case when s.state = 'confirmed' then s.state_on end as confirmed_on,  -- night on which it was confirmed
    case when s.state = 'retracted' then s.state_on end as retracted_on,  -- night on which a correction undid it
    case when s.state = 'superseded' then s.state_on end as superseded_on,  -- night on which an earlier arrival or a higher record replaced it
    -- Also where only another row changed: who was there first has left the board, and these two have stood so for long;
    -- or it slipped below the line by a hair, and these two had passed before.
    s.known_on <= s.first_seen_on or greatest(s.levels_from, s.open_on) < s.known_on - 30 or s.first_by_a_hair as backfilled  -- true: no news: it was there when we first looked, both scores had stood unchanged for 30 days, or these two had passed before and another, that was first, fell below the line by less than a standard error
from dated s
left join marts.model c on c.model = s.closed_model
left join marts.model o on o.model = s.open_model
