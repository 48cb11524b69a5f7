-- One row per number of tonight's index that a gate judged (G11): gaps that moved without a cause, and composites that
-- rest on few boards.
with before as (
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
    from staging.gap_span g
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
        case when r.boards >= l.boards_behind_a_number or t.gap is null then 'pass' else 'warned' end as outcome, 'numbers' as "of",
        coalesce(r.boards, 0) as measured,
        case
            when r.boards >= l.boards_behind_a_number or t.gap is null then ''
            else format('rests on {} boards', coalesce(r.boards, 0))
        end as explanation
    from stated t
    left join resting r on r.scope = t.scope
    cross join staging.gate_limit l
    where t.scope_kind <> 'board'
)
select * from numbers
union all by name
select * from quorum
