-- One row per source: its state on the night, and the reason.
-- Key: source
with tonight as (
    select
        s.source,
        count(*) filter (where s.page_key is not null and coalesce(p.outcome, 'read') = 'read') as pages_read,
        count(*) filter (where s.page_key is null or p.outcome <> 'read') as pages_failed,
        arg_min(
            coalesce(nullif(p.error, ''), nullif(s.error, '')),
            (s.url)
        ) filter (where s.page_key is null or p.outcome <> 'read') as error,
        arg_min(case when s.page_key is null then s.outcome else p.outcome end, s.url)
        filter (where s.page_key is null or p.outcome <> 'read') as worst
    from raw.fetch_result s
    left join raw.page p on p.source = s.source and p.page_key = s.page_key
    where s.night = night()
    group by s.source
),
good as (
    select s.source, max(s.night) as last_good_on
    from raw.fetch_result s
    join raw.page p on p.source = s.source and p.page_key = s.page_key and p.outcome = 'read'
    group by s.source
),
bundled as (
    select source, max(known_on) as bundled_on from history.source_seen
    group by source
)
select
    d.source,                                                       -- the source
    d.kind,                                                         -- leaderboard | registry | prices | announcements | hub | metadata | status
    case
        when t.source is null then 'not asked'
        when t.pages_read = 0 then t.worst
        when t.pages_failed > 0 then 'partly read'
        else 'read'
    end as outcome,                                                 -- tonight's outcome
    coalesce(t.pages_read, 0)::integer as pages_read,               -- pages that could be read tonight
    coalesce(t.pages_failed, 0)::integer as pages_failed,           -- pages that could not
    greatest(g.last_good_on, b.bundled_on) as last_good_on,         -- last night it could be read, bundled history included
    (night() - greatest(g.last_good_on, b.bundled_on))::integer as stale_days,  -- days since
    coalesce(t.error, '') as error                                  -- what was found, expected and to do
from input.source d
left join tonight t using (source)
left join good g using (source)
left join bundled b using (source)
