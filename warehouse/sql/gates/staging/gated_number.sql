-- One row per number of tonight that a gate judged: leaders shown once only (G10), gaps that moved without a cause and
-- composites that rest on few boards (G11), and models of unknown access that would lead (U).
with leaders as (
    select board, edition, tier, side, model, score
    from (
        select board, edition, tier, 'closed' as side, closed_model as model, closed_signed as score
        from staging.frontier_state where next_on is null
        union all
        select board, edition, tier, 'open', open_model, open_signed from staging.frontier_state where next_on is null
    )
    where model is not null
),
confirmed as (
    select
        night() as night, b.source, l.board, l.edition, l.tier, l.model as name, 'G10' as gate,
        'nights shown' as rule,
        case when c.confirmed_on is null then 'warned' else 'pass' end as outcome, 'numbers' as "of",
        case when c.confirmed_on is null then 1 else 2 end as measured,
        case
            when c.confirmed_on is null
                then format('the best {} value, {}, was shown on {} only: no event yet', l.side, c.value, c.known_on)
            else ''
        end as explanation,
        c.known_on as first_on
    from leaders l
    join input.board b on b.board = l.board and b.counts_for_index
    join staging.edition_seen e on e.board = l.board and e.edition = l.edition and e.newest
    join staging.frontier_confirmed c
        on c.board = l.board and c.edition = l.edition and c.model = l.model and c.signed = l.score
    qualify row_number() over (partition by l.board, l.edition, l.tier, l.model order by c.known_on desc) = 1
),
before as (
    select * from vintage.gap_index
    where night = (select max(night) from vintage.gap_index where night < night())
),
stated as (
    select
        g.night, b.source, g.scope, g.scope_kind, g.edition, g.tier, g.gap, v.gap as gap_before, v.night as night_before,
        list_filter([
            case
                when g.closed_model is distinct from v.closed_model
                    then format(
                        'closed leader {} {} after {} {}', coalesce(g.closed_model, 'none'),
                        coalesce(round(g.closed_score, 4)::varchar, ''), coalesce(v.closed_model, 'none'),
                        coalesce(round(v.closed_score, 4)::varchar, '')
                    )
                when g.closed_score is distinct from v.closed_score
                    then format('{} {} after {}', g.closed_model, round(g.closed_score, 4), round(v.closed_score, 4))
            end,
            case
                when g.open_model is distinct from v.open_model
                    then format(
                        'open leader {} {} after {} {}', coalesce(g.open_model, 'none'),
                        coalesce(round(g.open_score, 4)::varchar, ''), coalesce(v.open_model, 'none'),
                        coalesce(round(v.open_score, 4)::varchar, '')
                    )
                when g.open_score is distinct from v.open_score
                    then format('{} {} after {}', g.open_model, round(g.open_score, 4), round(v.open_score, 4))
            end
        ], lambda one: one is not null) as changes
    from staging.gap_row g
    left join input.board b on b.board = g.scope
    left join before v on v.scope_kind = g.scope_kind and v.scope = g.scope and v.edition = g.edition and v.tier = g.tier
    where g.night = night()
),
numbers as (
    select
        night, source, scope as board, edition, tier, 'G11' as gate, 'change is explained' as rule,
        case
            when gap_before is null or gap is null or abs(gap - gap_before) <= 1e-6 or len(changes) > 0 then 'pass'
            else 'warned'
        end as outcome,
        'numbers' as "of", round(abs(gap - gap_before), 6) as measured,
        case
            when gap_before is null or gap is null or abs(gap - gap_before) <= 1e-6 then ''
            when len(changes) > 0 then array_to_string(changes, '; ')
            else format('the gap moved from {} on {} and both leaders kept their scores', gap_before, night_before) end
            as explanation
    from stated
),
resting as (
    select scope, count(distinct board) as boards from marts.item group by scope
),
quorum as (
    select
        t.night, t.scope as board, t.edition, t.tier, 'G11' as gate, 'boards behind a number' as rule,
        case when r.boards >= g."limit" or t.gap is null then 'pass' else 'warned' end as outcome, 'numbers' as "of",
        coalesce(r.boards, 0) as measured,
        case
            when r.boards >= g."limit" or t.gap is null then ''
            else format('rests on {} boards', coalesce(r.boards, 0))
        end as explanation
    from stated t
    left join resting r on r.scope = t.scope
    cross join (from seed.gate where rule = 'boards behind a number') g
    where t.scope_kind <> 'board'
),
unknown as (
    select
        night() as night, m.source, m.board, m.edition, 'any' as tier, m.model as name, 'U' as gate,
        'access known' as rule, 'warned' as outcome, 'numbers' as "of", m.value as measured,
        format('{} would lead both sides with {}, and nobody says whether its weights can be had', m.title, m.value)
            as explanation,
        m.known_on as first_on, m.url, m.sha256
    from staging.best_score m
    join input.board b on b.board = m.board and b.counts_for_index
    join staging.edition_seen e on e.board = m.board and e.edition = m.edition and e.newest
    join (select board, edition, max(score) as score from leaders where tier = 'any' group by all) l
        on l.board = m.board and l.edition = m.edition and m.signed > l.score
    left join staging.access_span a
        on
            a.model = m.model and a.from_on <= night()
            and (a.until_on is null or a.until_on > night())
    where coalesce(a.tier, 'U') = 'U'
)
select * from confirmed
union all by name
select * from numbers
union all by name
select * from quorum
union all by name
select * from unknown
