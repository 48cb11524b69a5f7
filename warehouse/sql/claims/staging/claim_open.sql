-- One row per figure on the open side itself: its leader and what it needs (downloadable-best), its labs (deep-community).
with leader as (
    select
        g.*, a.tier as access_tier, a.licence, a.evidence, a.source,
        coalesce(c.title, g.closed_model, 'nobody') as closed_title, coalesce(o.title, g.open_model) as open_title
    from marts.gap_index g
    left join marts.model c on c.model = g.closed_model
    left join marts.model o on o.model = g.open_model
    left join marts.model_access a on a.model = g.open_model and a.until_on is null
    where g.night = night() and g.scope_kind = 'overall' and g.tier = 'any' and g.open_model is not null
),
memory as (
    select
        l.open_title, max(h.gb) filter (where h.bits = 4) as least, max(h.gb) filter (where h.bits = 8) as most,
        max(h.class) filter (where h.bits = 4) as least_class, max(h.class) filter (where h.bits = 8) as most_class,
        any_value(h.parameters) as parameters, any_value(h.parameters_basis) as parameters_basis
    from leader l
    left join marts.hardware h on h.model = l.open_model
    group by l.open_title
),
boards as (
    select count(*) as n_boards from staging.claim_board
),
quarter as (
    select *, row_number() over (partition by tier, unfinished order by quarter desc) as ago
    from marts.depth
),
pace as (
    select
        tier, sum(labs_releasing) filter (where ago <= 4) as recent,
        sum(labs_releasing) filter (where ago between 5 and 8) as before
    from quarter where not unfinished and ago <= 8
    group by tier having count(*) = 8
)
select
    'downloadable-best' as claim_id, 'files' as part, 'overall' as scope, 'any' as tier, 'counts' as role,
    is_open(access_tier)::integer::double as estimate,
    is_open(access_tier)::integer::double as lo,
    is_open(access_tier)::integer::double as hi,
    1::bigint as n, 'open leader' as n_what, null::bigint as n_boards,
    format('{}: {}, licence {}, by {} ({})', open_title, access_tier, coalesce(nullif(licence, ''), 'not stated'), evidence, source) as note,
    false as missing
from leader
union all
select
    'downloadable-best', 'gap', 'overall', 'any', 'headline', gap, gap_lo, gap_hi, n_boards, 'boards', n_boards,
    format('{} leads the open models, {} the closed ones', open_title, closed_title), false
from leader, boards
union all
select
    'downloadable-best', 'memory', 'overall', 'any', 'counts', least, least, most,
    case when least is null then 0 else 1 end, 'open leader', null,
    case
        when least is null then open_title || ': no source states its parameters'
        else format('{} has {:.4g} parameters ({}): {} at 4 bits, {} at 8', open_title, parameters, parameters_basis, least_class, most_class)
    end,
    false
from memory
union all
select
    'deep-community', 'labs', 'overall', tier, case tier when 'any' then 'headline' else 'shown' end,
    labs_5, labs_2, labs_10, placed, 'open models with an estimated ability', null,
    format('{} ({}) leads', coalesce(m.title, frontier_model), frontier_developer), false
from marts.depth
left join marts.model m on m.model = frontier_model
where placed > 0
qualify row_number() over (partition by tier order by quarter desc) = 1
union all
select
    'deep-community', 'speed', 'overall', tier, case tier when 'any' then 'counts' else 'shown' end,
    recent / before, recent / before * exp(-z90_claim() * sqrt(1 / recent + 1 / before)),
    recent / before * exp(z90_claim() * sqrt(1 / recent + 1 / before)),
    (recent + before)::bigint, 'labs in a quarter', null,
    format('{} in the last four full quarters, {} in the four before; sources of today know more of today', recent, before), false
from pace
where recent > 0 and before > 0
