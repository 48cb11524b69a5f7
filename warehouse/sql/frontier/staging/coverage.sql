-- One row per scope, edition, licence tier, side and date: of the side's ten ablest models from that date on, how many
-- the scope has scored with rows that count; the others are listed for tonight (METHOD section 1).
-- MMMU-Pro's gap was once that of two models of 2024, because 46 of its 66 rows are self-reported and do not count.
with scored as (
    select distinct board as scope, edition, model from staging.best_score
    union all
    select scope, composite_edition(), model from computed.ability
    where theta is not null and (scope = 'overall' or share > 0)
),
scopes as (
    select distinct scope, edition from scored
),
counted as (
    select s.scope, s.edition, a.tier, a.side, a.valid_from, count(*) as scored
    from staging.ablest a
    join scored s using (model)
    group by all
),
missing as (
    select p.scope, p.edition, a.tier, a.side, a.valid_from, string_agg(a.title, ', ' order by a.title) as missing
    from staging.ablest a
    cross join scopes p
    left join scored s on s.scope = p.scope and s.edition = p.edition and s.model = a.model
    where a.tonight and s.model is null
    group by all
),
dates as (
    select tier, side, valid_from, count(*) as ablest, bool_or(tonight) as tonight from staging.ablest group by all
)
select
    p.scope, p.edition, d.tier, d.side, d.valid_from, d.ablest, coalesce(c.scored, 0) as scored,
    case when d.tonight then coalesce(m.missing, '') end as missing
from scopes p
cross join dates d
left join counted c using (scope, edition, tier, side, valid_from)
left join missing m using (scope, edition, tier, side, valid_from)
