-- One row per model that any source names: its name, developer and family, and how many spellings were seen.
select
    model,
    any_value(title order by known desc, title) as title,
    any_value(developer order by known desc, developer = '', developer) as developer,
    any_value(family order by known desc, family) as family,
    bool_or(known) as known,
    max(checkpoint_of) as checkpoint_of,
    min(dated_on) as dated_on,
    count(*) as names
from staging.resolved_name
anti join staging.unsupported_name using (source, name)
group by model
