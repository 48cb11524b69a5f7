-- One row per figure on service: incidents and hours per lab and side (reliability), sellers of the most able (integration).
with pair as (
    select
        c.provider as closed, o.provider as open,
        case when o.incidents > 0 then c.incidents / o.incidents when c.incidents > 0 then 'infinity'::double end as incidents,
        case when o.hours > 0 then c.hours / o.hours when o.hours = 0 and c.hours > 0 then 'infinity'::double end as hours
    from staging.lab_reliability c, staging.lab_reliability o
    where not c.opens and o.opens
),
ratio as (
    select 'incidents' as part, incidents as ratio, closed, open from pair where incidents is not null
    union all
    select 'hours', hours, closed, open from pair where hours is not null
),
compared as (
    -- The share of pairs in which the closed model has more sellers, and the error it has by chance.
    select
        count(*) as pairs, count(distinct c.model) as closed, count(distinct o.model) as opened,
        sum(case when c.sellers > o.sellers then 1.0 when c.sellers = o.sellers then 0.5 else 0 end)::double / count(*) as share,
        z90_claim() * sqrt(
            (count(distinct c.model) + count(distinct o.model) + 1)
            / (12 * count(distinct c.model) * count(distinct o.model))
        ) as half
    from marts.provider_count c, marts.provider_count o
    where c.side = 'closed' and o.side = 'open'
)
select
    'reliability' as claim_id, part, 'closed over open labs' as scope, 'any' as tier,
    case part when 'incidents' then 'headline' else 'counts' end as role,
    nullif(quantile_disc(ratio, 0.5 order by ratio), 'infinity'::double) as estimate,
    nullif(min(ratio), 'infinity'::double) as lo, nullif(max(ratio), 'infinity'::double) as hi,
    count(distinct closed) + count(distinct open) as n, 'labs with a status page' as n_what, null::bigint as n_boards,
    format(
        '{} against {}; each lab decides what it calls an incident',
        string_agg(distinct closed, ', ' order by closed), string_agg(distinct open, ', ' order by open)
    ) as note,
    false as missing
from ratio group by part
union all
select
    'reliability', 'incidents of a lab', provider, 'any', 'shown', incidents, incidents, incidents, days, 'days', null,
    case
        when opens then 'most of its models have weights' when not opens then 'closed lab'
        else 'serves other labs'' models'
    end, false
from staging.lab_reliability
union all
select
    'reliability', 'hours of a lab', provider, 'any', 'shown', hours, hours, hours, days, 'days', null,
    case when unended > 0 then format('its page gives no end for {} incidents', unended) end, false
from staging.lab_reliability
union all
select
    'integration', 'sellers', 'ten most able of each side', 'any', 'headline',
    share, greatest(0, share - half), least(1, share + half), closed + opened, 'models', null,
    'counted on the price lists that are read; a router, which only passes requests on, is no seller', false
from compared
where pairs > 0
union all
select
    'integration', 'leader', side || ' leader', 'any', 'shown', sellers, sellers, sellers, sellers, 'sellers', null,
    concat_ws(': ', model, nullif(providers, '')), false
from marts.provider_count
where place = 1
