-- One row per leader of tonight that a gate judged: shown once only (G10), or of unknown access and above both sides (U).
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
        case when c.confirmed_on <= night() then 'pass' else 'warned' end as outcome, 'numbers' as "of",
        case when c.confirmed_on <= night() then 2 else 1 end as measured,
        case
            when c.confirmed_on is null or c.confirmed_on > night()
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
        on a.model = m.model and a.until_on is null
    where coalesce(a.tier, 'U') = 'U'
)
select * from confirmed
union all by name
select * from unknown
