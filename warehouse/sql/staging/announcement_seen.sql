-- One row per item of one feed, as newest known on the night; the same news read from two mirrors bears one item.
-- Feeds date an item anew, forth (Mistral's of April became May) and back (Muse Spark, of 2026, was first of 2023): the
-- latest date counts that is not after the night on which we first saw the item.
with stated as (
    select a.lab, a.guid, a.title, a.link, a.published_on, a.summary, a.source, p.from_night as known_on
    from staging.page_seen p
    join raw.announcement a on a.source = p.source and a.page_key = p.page_key
    union all by name
    select lab, guid, title, link, published_on, summary, source, known_on
    from history.announcement where known_on <= (select night from seed.night)
),
first_seen as (
    select *, min(known_on) over (partition by lab, guid, source) as first_known_on from stated
),
newest as (
    select
        lab, guid, source,
        arg_max(title, (known_on, title)) as title,
        arg_max(link, (known_on, link)) as link,
        coalesce(max(published_on) filter (published_on <= first_known_on), min(published_on)) as published_on,
        arg_max(summary, (known_on, summary)) as summary,
        min(known_on) as known_on
    from first_seen
    group by lab, guid, source
)
select n.*, i.item
from newest n
join seed.announcement_item i on i.source = n.source and i.lab = n.lab and i.guid = n.guid
