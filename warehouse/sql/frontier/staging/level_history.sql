-- One row per scope, model and stretch of nights on which we knew one level of it: boards and composites alike.
-- `share` is how much of the level is the scope's own evidence: below 1 in a domain only.
-- `margin`: by how much a model may be worse and still count as equal (METHOD section 4), before noise; from
-- `seeds/margin.csv`.
select
    'board' as scope_kind, p.board as scope, p.edition, b.domain, p.model, p.known_from, p.known_to,
    p.value, p.signed, p.stderr, b.evaluator = 'third party' as third_party, 1 as n_instruments, 1.0 as share,
    coalesce(m.margin, m.share * (coalesce(b.ceiling, b.high) - coalesce(b.chance, b.low))) as margin
from staging.score_interval p
join input.board b on b.board = p.board
left join seed.margin m on m.unit = b.unit
union all by name
select
    case p.scope when 'overall' then 'overall' else 'domain' end as scope_kind, p.scope,
    composite_edition() as edition,
    case p.scope when 'overall' then 'all' else p.scope end as domain,
    p.model, p.known_from, p.known_to, p.theta as value, p.theta as signed, p.se as stderr, true as third_party,
    a.n_instruments, p.share, (select margin from seed.margin where unit = 'index points') as margin
from computed.ability_path p
join computed.ability a on a.scope = p.scope and a.model = p.model
