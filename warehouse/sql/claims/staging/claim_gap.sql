-- One row per gap that a claim is about: composite and domains (parity-equilibrium), and what comes near safety (safety).
with tonight as (
    select
        g.*, coalesce(c.title, g.closed_model, 'nobody') as closed_title,
        coalesce(o.title, g.open_model, 'nobody') as open_title, coalesce(b.n_boards, 0) as n_boards
    from marts.gap_index g
    left join marts.model c on c.model = g.closed_model
    left join marts.model o on o.model = g.open_model
    left join (
        select domain as scope, count(*) as n_boards from staging.claim_board group by domain
        union all
        select 'overall', count(*) from staging.claim_board
    ) b using (scope)
    where g.night = night() and g.scope_kind in ('overall', 'domain')
),
domains as (
    select
        count(*) as n, count(*) filter (where gap <= p.upper) as within,
        count(*) filter (where gap_hi <= p.upper) as surely, count(*) filter (where gap_lo <= p.upper) as possibly,
        sum(n_boards)::bigint as n_boards,
        string_agg(scope, ', ' order by gap, scope) filter (where gap <= p.upper) as named
    from tonight, (select upper from seed.claim_part where claim_id = 'parity-equilibrium' and part = 'gap') p
    where scope_kind = 'domain' and tier = 'any' and gap is not null
)
select
    'parity-equilibrium' as claim_id, 'gap' as part, scope, tier,
    case when scope_kind = 'overall' and tier = 'any' then 'headline' else 'shown' end as role,
    gap as estimate, gap_lo as lo, gap_hi as hi, n_boards as n, 'boards' as n_what, n_boards,
    concat_ws('; ', format('{} leads the closed models, {} the open ones', closed_title, open_title), reason) as note,
    false as missing
from tonight
union all
select
    'parity-equilibrium', 'domains', 'domains', 'any', 'counts',
    case when n > 0 then within / n end, case when n > 0 then surely / n end, case when n > 0 then possibly / n end,
    n, 'domains', n_boards, coalesce('within the margin: ' || named, 'none is within the margin'), false
from domains
union all
select
    'safety', case b.domain when 'safety' then 'gap' else 'related' end, g.scope, 'any',
    case b.domain when 'safety' then 'headline' else 'shown' end,
    g.gap, g.gap_lo, g.gap_hi, 1, 'board', 1, rtrim(b.measures, '.'), false
from marts.gap_index g
join marts.benchmark b on b.board = g.scope
where
    g.night = night() and g.scope_kind = 'board' and g.tier = 'any' and g.gap is not null
    and g.provisional is not true and (b.domain = 'safety' or b.board in ('bullshit-bench', 'vectara-hallucination', 'aa-omniscience-non-hallucination'))
qualify row_number() over (partition by g.scope order by g.observed_on desc, g.edition desc) = 1
