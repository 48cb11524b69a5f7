-- One row per piece of news and model it names, its mirrors joined; a release if any mirror's item is one.
-- The address of the earliest mirror stands for all, and a date counts from the earliest that states one.
select
    a.lab, a.item, t.model,
    bool_or(t.is_release) as is_release,
    arg_min(t.rule, (not t.is_release, a.published_on is null, a.published_on, a.source)) as rule,
    arg_min(a.title, (a.published_on is null, a.published_on, a.known_on, a.source)) as title,
    arg_min(a.link, (a.link = '', a.published_on is null, a.published_on, a.known_on, a.source)) as link,
    min(a.published_on) as published_on,
    min(a.known_on) as known_on,
    count(distinct a.source)::integer as n_feeds,
    arg_min(a.source, (a.published_on is null, a.published_on, a.known_on, a.source)) as source
from staging.announcement_seen a
join seed.announced t on t.source = a.source and t.lab = a.lab and t.guid = a.guid
group by a.lab, a.item, t.model
