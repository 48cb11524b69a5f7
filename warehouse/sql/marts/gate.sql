-- One row per thing that a gate judged: every table shown tonight, tonight's numbers, and whatever was tripped before.
-- Gates are explained in docs/gates.md, their limits stand in seeds/gate.csv; key: night, gate, rule, source, board,
-- edition, tier, name and page.
with tonight as (
    select night from seed.night
),
shown as (
    select distinct g.t
    from staging.gate_page g
    join raw.fetch_result s
        on s.source = g.source and s.url = g.url and s.page_key = g.page_key and s.night = (select night from tonight)
    where g.own and (g.next_night is null or g.next_night > (select night from tonight))
),
let_in as (
    select b.t, min(b.from_night) as believed_on, any_value(d.reason) as reason
    from staging.accepted_table b
    left join staging.gate_override d using (t)
    where b.held = '' and b.t in (select t from staging.gate_outcome where outcome = 'held' and "of" = 'table')
    group by b.t
),
judged as (
    select g.t, g.from_night as first_on, g.source, g.board, g.edition, g.url, g.sha256, o.* exclude (t)
    from staging.gate_outcome o
    join staging.gate_page g using (t)
),
tables as (
    -- As it was when the page was first shown, where a gate was tripped then.
    select first_on as night, j.* exclude (t) from judged j
    where outcome <> 'pass' and first_on < (select night from tonight)
    union all by name
    -- As it stands tonight.
    select (select night from tonight) as night, j.* exclude (t) replace (
            case
                when outcome = 'held' and "of" = 'table' and l.t is not null then 'warned'
                when j.first_on < (select night from tonight) and (gate = 'G6' or "of" = 'rows') then 'pass'
                else outcome end as outcome,
            j.explanation || case
                when outcome = 'pass' then ''
                when gate = 'G6' or "of" = 'rows' then
                    case when j.first_on < (select night from tonight) then format('; shown again since {}', j.first_on)
                        else '' end
                when outcome <> 'held' or l.t is null then ''
                when l.reason is not null then format('; let in on {}: {}', l.believed_on, l.reason)
                else format('; still so a fortnight later, believed since {}', l.believed_on) end as explanation)
    from judged j
    join shown using (t)
    left join let_in l using (t)
),
flags as (
    select known_on as night, source, 'G8' as gate, case when rejected then 'flips a night' else 'second witness' end as rule,
        name, case when held = '' then 'pass' else 'held' end as outcome, 'flags' as "of",
        case when rejected then flips / models else flips end as measured,
        case when held <> '' then held
            else format('turned {}, and so says {}', case when open then 'open' else 'closed' end,
                coalesce(seconded_by, 'the Hub')) end
            || case when c.model in (select model from marts.frontier where until_on is null) then '; it leads a board'
                else '' end as explanation,
        known_on as first_on, url, sha256
    from staging.access_statement_gate c
    where flipped or held <> ''
),
labelled as (
    select a.source, count(distinct a.name) as models,
        count(distinct a.name) - count(distinct case when a.open is not null then a.name end) as unknown
    from raw.access a
    join raw.fetch_result s
        on s.source = a.source and s.page_key = a.page_key and s.night = (select night from tonight)
    where a.source in (select source from staging.access_statement where open is not null)
    group by a.source
),
labels as (
    select (select night from tonight) as night, source, 'G8' as gate, 'openness unknown' as rule,
        case when unknown > g."limit" * models then 'warned' else 'pass' end as outcome, 'flags' as "of",
        unknown / models as measured,
        case when unknown > g."limit" * models
            then format('{} of {} models without a label; what was said of them before stands', unknown, models)
            else '' end as explanation
    from labelled cross join (from seed.gate where rule = 'openness unknown') g
),
leaders as (
    select board, edition, tier, side, model, score
    from (
        select board, edition, tier, 'closed' as side, closed_model as model, closed_signed as score
        from staging.frontier_state where next_on is null
        union all
        select board, edition, tier, 'open', open_model, open_signed from staging.frontier_state where next_on is null)
    where model is not null
),
confirmed as (
    select (select night from tonight) as night, b.source, l.board, l.edition, l.tier, l.model as name, 'G10' as gate,
        'nights shown' as rule,
        case when c.confirmed_on is null then 'warned' else 'pass' end as outcome, 'numbers' as "of",
        case when c.confirmed_on is null then 1 else 2 end as measured,
        case when c.confirmed_on is null
            then format('the best {} value, {}, was shown on {} only: no event yet', l.side, c.value, c.known_on)
            else '' end as explanation,
        c.known_on as first_on
    from leaders l
    join seed.board b on b.board = l.board and b.counts_for_index
    join staging.edition_seen e on e.board = l.board and e.edition = l.edition and e.newest
    join staging.frontier_confirmed c
        on c.board = l.board and c.edition = l.edition and c.model = l.model and c.signed = l.score
    qualify row_number() over (partition by l.board, l.edition, l.tier, l.model order by c.known_on desc) = 1
),
before as (
    select * from vintage.gap_index
    where night = (select max(night) from vintage.gap_index where night < (select night from tonight))
),
stated as (
    select g.night, b.source, g.scope, g.scope_kind, g.edition, g.tier, g.gap, v.gap as gap_before, v.night as night_before,
        list_filter([
            case when g.closed_model is distinct from v.closed_model
                then format('closed leader {} {} after {} {}', coalesce(g.closed_model, 'none'),
                    coalesce(round(g.closed_score, 4)::varchar, ''), coalesce(v.closed_model, 'none'),
                    coalesce(round(v.closed_score, 4)::varchar, ''))
                when g.closed_score is distinct from v.closed_score
                then format('{} {} after {}', g.closed_model, round(g.closed_score, 4), round(v.closed_score, 4)) end,
            case when g.open_model is distinct from v.open_model
                then format('open leader {} {} after {} {}', coalesce(g.open_model, 'none'),
                    coalesce(round(g.open_score, 4)::varchar, ''), coalesce(v.open_model, 'none'),
                    coalesce(round(v.open_score, 4)::varchar, ''))
                when g.open_score is distinct from v.open_score
                then format('{} {} after {}', g.open_model, round(g.open_score, 4), round(v.open_score, 4)) end
        ], lambda one: one is not null) as changes
    from marts.gap_index g
    left join seed.board b on b.board = g.scope
    left join before v on v.scope_kind = g.scope_kind and v.scope = g.scope and v.edition = g.edition and v.tier = g.tier
    where g.night = (select night from tonight)
),
numbers as (
    select night, source, scope as board, edition, tier, 'G11' as gate, 'change is explained' as rule,
        case when gap_before is null or gap is null or abs(gap - gap_before) <= 1e-6 or len(changes) > 0 then 'pass'
            else 'warned' end as outcome,
        'numbers' as "of", round(abs(gap - gap_before), 6) as measured,
        case when gap_before is null or gap is null or abs(gap - gap_before) <= 1e-6 then ''
            when len(changes) > 0 then array_to_string(changes, '; ')
            else format('the gap moved from {} on {} and both leaders kept their scores', gap_before, night_before) end
            as explanation
    from stated
),
resting as (
    select scope, count(distinct board) as boards from marts.item group by scope
),
quorum as (
    select t.night, t.scope as board, t.edition, t.tier, 'G11' as gate, 'boards behind a number' as rule,
        case when r.boards >= g."limit" or t.gap is null then 'pass' else 'warned' end as outcome, 'numbers' as "of",
        coalesce(r.boards, 0) as measured,
        case when r.boards >= g."limit" or t.gap is null then ''
            else format('rests on {} boards', coalesce(r.boards, 0)) end as explanation
    from stated t
    left join resting r on r.scope = t.scope
    cross join (from seed.gate where rule = 'boards behind a number') g
    where t.scope_kind <> 'board'
),
unknown as (
    select (select night from tonight) as night, m.source, m.board, m.edition, 'any' as tier, m.model as name, 'U' as gate,
        'access known' as rule, 'warned' as outcome, 'numbers' as "of", m.value as measured,
        format('{} would lead both sides with {}, and nobody says whether its weights can be had', m.title, m.value)
            as explanation,
        m.known_on as first_on, m.url, m.sha256
    from staging.best_score m
    join seed.board b on b.board = m.board and b.counts_for_index
    join staging.edition_seen e on e.board = m.board and e.edition = m.edition and e.newest
    join (select board, edition, max(score) as score from leaders where tier = 'any' group by all) l
        on l.board = m.board and l.edition = m.edition and m.signed > l.score
    left join staging.access_span a
        on a.model = m.model and a.from_on <= (select night from tonight)
        and (a.until_on is null or a.until_on > (select night from tonight))
    where coalesce(a.tier, 'U') = 'U'
),
decided as (
    select d.night, b.source, coalesce(g.board, d.board) as board, g.edition, 'decision' as gate, 'accept' as rule,
        case when g.t is null or later.t is not null then 'pass' else 'warned' end as outcome, 'table' as "of",
        case when g.t is null then 'nothing that is held: ' when later.t is not null
            then format('expired on {}, when a table passed by itself: ', later.from_night) else 'in force: ' end
            || d.reason as explanation,
        g.from_night as first_on, g.url, coalesce(g.sha256, d.sha256) as sha256
    from seed.override d
    left join (
        select n, p.t, p.board, p.edition, p.from_night, p.url, p.sha256, p.series
        from staging.gate_override join staging.gate_page p using (t) where not extended
    ) g on g.n = d.n
    left join seed.board b on b.board = coalesce(g.board, d.board)
    left join (
        select series, t, from_night from staging.gate_page
        where own and t not in (select t from staging.gate_outcome where outcome = 'held' and "of" = 'table')
    ) later on later.series = g.series and later.t > g.t
    qualify row_number() over (partition by d.n, g.t order by later.t) = 1
),
every as (
    from tables
    union all by name from flags
    union all by name from labels
    union all by name from confirmed
    union all by name from numbers
    union all by name from quorum
    union all by name from unknown
    union all by name from decided
)
select
    e.night,                                                        -- night it was judged on; tonight for everything shown tonight
    coalesce(e.source, '') as source,                               -- the source
    coalesce(e.board, '') as board,                                 -- the board, or the scope of a number
    coalesce(e.edition, '') as edition,                             -- its edition
    coalesce(e.tier, '') as tier,                                   -- licence tier, where a number is judged
    coalesce(e.name, '') as name,                                   -- the model, where one is judged
    e.gate,                                                         -- G1 to G11, U: unknown access, decision: of the operator, GX: a rule of Great Expectations
    e.rule,                                                         -- rule of the gate, as in its seed
    e.outcome,                                                      -- pass | held | warned
    e."of",                                                         -- what is judged: table | rows | flags | numbers
    e.measured::double as measured,                                 -- what was measured
    coalesce(e."limit", g."limit") as "limit",                      -- what is allowed
    coalesce(e.unit, g.unit) as unit,                               -- unit of both
    coalesce(e.explanation, '') as explanation,                     -- what was found, where it did not simply pass
    coalesce(e.first_on, e.night) as first_on,                      -- night the page or value was first shown
    coalesce(e.url, '') as url,                                     -- live address of the page
    coalesce(e.sha256, '') as sha256                                -- of the page in the archive
from every e
left join seed.gate g on g.gate = e.gate and g.rule = e.rule
