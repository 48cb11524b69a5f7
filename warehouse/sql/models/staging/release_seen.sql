-- One row per change of a dated event of a model as one source reports it, with the night since which we know.
-- A page that repeats the statement of the page before it adds no row.
with stated as (
    select r.source, r.name, r.developer, r.event, r.happened_on, r.written, p.url, p.sha256, p.from_night as known_on
    from staging.page_seen p
    join raw.release r on r.source = p.source and r.page_key = p.page_key
    union all by name
    select source, name, developer, event, happened_on, written, url, sha256, known_on
    from history.release
),
nightly as (
    select * from stated
    qualify row_number() over (
        partition by source, name, event, known_on order by happened_on, url desc, sha256, written
    ) = 1
)
select * from nightly
qualify happened_on is distinct from lag(happened_on) over (partition by source, name, event order by known_on)
