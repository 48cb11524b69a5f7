-- One row per lab with a status page that is read: its incidents, their hours and how many have no end, a month.
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
)
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
