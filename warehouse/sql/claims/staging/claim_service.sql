-- One row per figure on service: incidents and hours per lab and side (reliability), sellers of the most able (integration).
-- A lab belongs to the open side where most of its models with known access have weights to download.
with night as (select night() as night),
side as (
    select m.developer, avg(is_open(a.tier)::integer) > 0.5 as opens
    from marts.model m
    join marts.model_access a on a.model = m.model and a.until_on is null and a.tier <> 'U'
    where m.developer <> ''
    group by m.developer
),
page as (
    select source, min(night) as first_on, max(night) as last_on
    from marts.page_fetch where outcome = 'read' group by source
),
lab as (
    select
        i.provider, s.opens,
        greatest(n.night - 29, least(p.first_on, min(i.started_at)::date)) as from_on,
        n.night - greatest(n.night - 29, least(p.first_on, min(i.started_at)::date)) + 1 as days
    from marts.incident i
    join page p using (source)
    left join side s on s.developer = i.developer
    cross join night n
    where p.last_on > n.night - 7
    group by i.provider, s.opens, p.first_on, n.night
),
span as (
    -- One incident hits several components; overlapping stretches are one.
    select i.provider, i.started_at, max(i.ended_at) as ended_at
    from marts.incident i
    join lab l on l.provider = i.provider and i.started_at::date >= l.from_on
    where i.impact <> 'operational'
    group by i.provider, i.started_at
),
island as (
    select *, sum(fresh::integer) over (partition by provider order by started_at) as run
    from (
        select
            *, coalesce(started_at > max(coalesce(ended_at, started_at)) over (
                partition by provider order by started_at rows between unbounded preceding and 1 preceding
            ), true) as fresh
        from span
    )
),
lasting as (
    select provider, sum(seconds) / 3600 as hours
    from (
        select provider, run, date_diff('second', min(started_at), max(coalesce(ended_at, started_at))) as seconds
        from island group by provider, run
    )
    group by provider
),
figure as (
    select
        l.provider, l.opens, l.days,
        count(s.started_at) * 30 / l.days as incidents,
        case
            when count(s.ended_at) = count(*) filter (where s.started_at is not null)
                then coalesce(any_value(h.hours), 0) * 30 / l.days
        end as hours,
        count(*) filter (where s.started_at is not null and s.ended_at is null) as unended
    from lab l
    left join span s using (provider)
    left join lasting h using (provider)
    group by l.provider, l.opens, l.days
),
pair as (
    select
        c.provider as closed, o.provider as open,
        case when o.incidents > 0 then c.incidents / o.incidents when c.incidents > 0 then 'infinity'::double end as incidents,
        case when o.hours > 0 then c.hours / o.hours when o.hours = 0 and c.hours > 0 then 'infinity'::double end as hours
    from figure c, figure o
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
        '{} against {}; each lab says itself what an incident is',
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
from figure
union all
select
    'reliability', 'hours of a lab', provider, 'any', 'shown', hours, hours, hours, days, 'days', null,
    case when unended > 0 then format('its page never tells the end of {} incidents', unended) end, false
from figure
union all
select
    'integration', 'sellers', 'ten most able of each side', 'any', 'headline',
    share, greatest(0, share - half), least(1, share + half), closed + opened, 'models', null,
    'counted on the price lists that are read; a router that passes requests on is no seller', false
from compared
where pairs > 0
union all
select
    'integration', 'leader', side || ' leader', 'any', 'shown', sellers, sellers, sellers, sellers, 'sellers', null,
    concat_ws(': ', model, nullif(providers, '')), false
from marts.provider_count
where place = 1
