-- One row per model that any source names: its name, developer and family, and how many spellings were seen.
select
    model,
    any_value(title order by known desc, title) as title,
    any_value(developer order by known desc, developer) as developer,
    any_value(family order by known desc, family) as family,
    bool_or(known) as known,
    count(*) as names
from staging.resolved_name
group by model
