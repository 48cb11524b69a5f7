-- One row per source that is in trouble tonight: its newest request failed, or its newest page is three days old,
-- whether or not it was requested since.  So a run over a few sources ends no trouble, and sources no longer requested
-- grow stale.
with looked as (
    select
        s.source, s.night, count(*) filter (where s.page_key is not null and p.outcome = 'read') as pages_read,
        arg_min(
            coalesce(nullif(p.outcome, 'read'), s.outcome),
            (coalesce(p.outcome, s.outcome) <> 'drifted', s.url)
        ) filter (where s.page_key is null or p.outcome <> 'read'
        ) as outcome,
        arg_min(
            coalesce(nullif(p.error, ''), s.error),
            (coalesce(p.outcome, s.outcome) <> 'drifted', s.url)
        ) filter (where s.page_key is null or p.outcome <> 'read'
        ) as error
    from raw.fetch_result s
    left join raw.page p on p.source = s.source and p.page_key = s.page_key
    group by s.source, s.night
),
newest as (
    select * from looked qualify row_number() over (partition by source order by night desc) = 1
),
since as (
    select l.source, min(l.night) as troubled_on
    from looked l
    left join (select source, max(night) as good_on from looked where pages_read > 0 group by source) g using (source)
    where g.good_on is null or l.night > g.good_on
    group by l.source
)
select
    n.source, n.night as asked_on, case when n.pages_read = 0 then n.outcome else 'not asked' end as outcome,
    case when n.pages_read = 0 then coalesce(n.error, '') else 'not asked since' end as error,
    coalesce(s.troubled_on, n.night + 1) as troubled_on, h.last_good_on,
    (night() - coalesce(h.last_good_on, s.troubled_on))::integer as stale_days
from newest n
left join since s using (source)
join marts.source_health h using (source)
where n.pages_read = 0 or night() - h.last_good_on >= 3
