-- One row per item of one feed, as newest known on the night; the same news read from two mirrors bears one item.
-- Feeds change the date of an item, to later (Mistral's of April became May) or to earlier (Muse Spark, of 2026, first
-- had 2023): the latest date counts that is not after the night on which we first saw the item.
-- Feeds give an item a new id too (a generator's run made 513 rows of 284): in one feed, items that are one piece of
-- news at one address are one row, with the id they had first.
with stated as (
    select a.lab, a.guid, a.title, a.link, a.published_on, a.summary, a.source, p.from_night as known_on
    from staging.page_seen p
    join raw.announcement a on a.source = p.source and a.page_key = p.page_key
    union all by name
    select lab, guid, title, link, published_on, summary, source, known_on
    from history.announcement
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
),
same_address as (
    select
        n.*, i.item,
        first_value(n.guid) over (
            partition by
                n.source, n.lab, i.item,
                regexp_replace(regexp_replace(lower(n.link), '[?#].*$', ''), '^https?://(www[.])?|/+$', '', 'g')
            order by n.known_on, n.guid
        ) as first_guid
    from newest n
    join input.announcement_item i on i.source = n.source and i.lab = n.lab and i.guid = n.guid
)
select
    lab, first_guid as guid, source,
    arg_max(title, (known_on, guid)) as title,
    arg_max(link, (known_on, guid)) as link,
    arg_min(published_on, (published_on is null, known_on, guid)) as published_on,
    arg_max(summary, (known_on, guid)) as summary,
    min(known_on) as known_on,
    any_value(item) as item
from same_address
group by lab, first_guid, source
