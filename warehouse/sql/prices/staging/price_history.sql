-- One row per offer and stretch of dates on which it asked one price, as known tonight.
-- Prices that gate G12 holds do not count: the price before them goes on.
-- A price holds from the date its list gives, else from the night since which it is known.  Where a list gives a later
-- price with its date, the newest statement on the price before it counts, and if that one is undated it is the oldest
-- and holds from the model's own date on (`from_on` NULL).  A price ends when the list changes or drops it, and 90 days
-- after its source last changed a page: such a list no longer confirms it.
with alive as (
    select source, max(valid_from) + 90 as confirmed_until
    from (
        select source, known_on as valid_from from staging.price_by_source
        union all
        select source, from_night from staging.page_seen
        where source in (select source from staging.price_by_source)
    )
    group by source
),
entry as (
    select
        source, listing, name, provider, valid_from,
        lead(valid_from) over (
            partition by source, listing, name, provider order by valid_from nulls first
        ) as next_valid_from
    from (select distinct source, listing, name, provider, valid_from from staging.price_gate where held = '')
),
ordered as (
    select
        t.*, e.next_valid_from, a.confirmed_until,
        f.first_reading,
        lag(t.known_on) over offer as before_on,
        lead(t.known_on) over offer as after_on,
        row_number() over newest = 1 as is_newest
    from staging.price_gate t
    join alive a using (source)
    join (select source, listing, min(known_on) as first_reading from staging.price_by_source group by all) f
        on f.source = t.source and f.listing = t.listing
    join entry e
        on
            e.source = t.source and e.listing = t.listing and e.name = t.name and e.provider = t.provider
            and e.valid_from is not distinct from t.valid_from
    where t.held = ''
    window
        offer as (partition by t.source, t.listing, t.name, t.provider, t.valid_from order by t.known_on),
        newest as (
            partition by t.source, t.listing, t.name, t.provider, t.valid_from
            order by t.input_usd is null, t.known_on desc
        )
),
stretch as (
    select
        source, listing, name, provider, input_usd, output_usd, known_on, url, sha256,
        case
            when next_valid_from is not null then valid_from
            when before_on is not null then known_on
            else coalesce(valid_from, known_on)
        end as from_on,
        least(case when next_valid_from is null then after_on end, next_valid_from, confirmed_until) as until_on,
        case
            when next_valid_from is not null or (before_on is null and valid_from is not null) then 'dated by the list'
            when known_on = first_reading then 'there at the first reading'
            else 'seen to change'
        end as from_basis
    from ordered
    where input_usd is not null and (next_valid_from is null or is_newest)
)
select * replace (case when until_on <= night() then until_on end as until_on)
from stretch
where from_on is null or from_on < until_on
