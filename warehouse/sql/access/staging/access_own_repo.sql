-- One row per model of which the Hub or a registry has named a repository of the model's own lab for a week: since when,
-- and on which later read of that source, a week on, it was named still.
-- The repository bears the model's name: xai-org/grok-2 is none of grok-2-2024-12-12.  A listing of the Hub that shows no
-- files names the repository too (grok-2's); one whose files are no weights names none.
-- A registry names a repository before it has weights (OpenRouter MiniMax-M2.7's, three weeks early), so its naming counts
-- once a label has turned from closed to open, `turned_on`, or no source states closed.
with read_night as (
    select source, night as read_on from raw.fetch_result where outcome in ('fresh', 'unchanged')
    union
    select source, known_on from history.source_seen
    union
    select source, known_on from staging.access_statement
),
newest as (
    select * from staging.access_statement_gate
    where open is not null or repo <> ''
    qualify row_number() over (partition by source, name, evidence order by known_on desc) = 1
),
named as (
    select g.model, g.source, g.repo, g.licence, g.evidence, min(g.known_on) as named_on
    from newest n
    join staging.access_statement_gate g using (source, name, evidence, repo, model)
    where
        n.own_repo and n.open is distinct from false and n.held = '' and g.open is distinct from false and g.held = ''
        and evidence in ('hub files', 'registry flag')
        and (
            lower(regexp_replace(split_part(g.repo, '/', 2), '[^A-Za-z0-9]', '', 'g')) = regexp_replace(g.model, '[^a-z0-9]', '', 'g')
            or exists (select 1 from staging.resolved_name r where r.name = g.repo and r.model = g.model)
        )
    group by all
),
confirmed as (
    select n.*, min(r.read_on) as confirmed_on
    from named n
    join read_night r on r.source = n.source and r.read_on >= n.named_on + 7
    group by all
),
turned as (
    select model, list(known_on order by known_on) as turned_on
    from staging.access_statement_gate
    where flipped and open and held = ''
    group by model
)
select c.* exclude (licence), coalesce(nullif(c.licence, ''), l.licence, '') as licence, t.turned_on
from confirmed c
left join turned t using (model)
left join staging.access_licence l using (model)
where
    c.evidence = 'hub files' or t.model is not null
    or not exists (select 1 from newest n where n.model = c.model and n.open = false and n.held = '')
qualify row_number() over (partition by c.model order by c.evidence <> 'hub files', c.named_on, c.source, c.repo, c.licence) = 1
