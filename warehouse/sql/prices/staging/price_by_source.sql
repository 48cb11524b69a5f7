-- One row per change of the price of one offer in one price list, with the night since which we know it.
-- An offer is one name at one provider, with the date from which the price holds where the list gives one.  A NULL
-- price means that the list, read again, no longer has the offer.  A list whose address carries a date is one list.
with page as (
    select *, dense_rank() over (partition by source, listing order by known_on) as version
    from (
        select
            source, regexp_replace(url, '\d{4}-\d\d-\d\d', '*', 'g') as listing, from_night as known_on,
            page_key, url, sha256
        from staging.page_seen
        where (source, page_key) in (select distinct source, page_key from raw.price)
    )
),
version as (
    select source, listing, version, known_on, min(url) as url, min(sha256) as sha256
    from page group by source, listing, version, known_on
),
listed as (
    select
        p.source, p.listing, p.version, p.known_on, p.url, p.sha256,
        r.name, r.provider, r.valid_from, r.input_usd, r.output_usd
    from page p
    join raw.price r on r.source = p.source and r.page_key = p.page_key
    qualify row_number() over (
        partition by p.source, p.listing, r.name, r.provider, r.valid_from, p.version
        order by r.input_usd, r.output_usd, p.url, p.sha256
    ) = 1
),
turned as (
    select
        *,
        (
            row(lag(version) over offer, lag(input_usd) over offer, lag(output_usd) over offer)
            is distinct from row(version - 1, input_usd, output_usd)
        ) as is_news,
        (lead(version) over offer is distinct from version + 1) as is_last
    from listed
    window offer as (partition by source, listing, name, provider, valid_from order by version)
),
shipped as (
    select
        source, regexp_replace(url, '\d{4}-\d\d-\d\d', '*', 'g') as listing, known_on, name, provider, valid_from,
        input_usd, output_usd, url, sha256
    from history.price
),
next_read as (
    select s.source, s.listing, s.name, s.provider, s.valid_from, v.version, v.known_on, v.url, v.sha256
    from shipped s
    asof join version v on s.source = v.source and s.listing = v.listing and s.known_on < v.known_on
    where s.input_usd is not null
),
stated as (
    select source, listing, name, provider, valid_from, known_on, input_usd, output_usd, url, sha256, 1 as place
    from turned where is_news
    union all by name
    select
        t.source, t.listing, t.name, t.provider, t.valid_from, v.known_on, null::double as input_usd,
        null::double as output_usd, v.url, v.sha256, 1 as place
    from turned t
    join version v on v.source = t.source and v.listing = t.listing and v.version = t.version + 1
    where t.is_last
    union all by name
    select n.* exclude (version), null::double as input_usd, null::double as output_usd, 2 as place
    from next_read n
    anti join listed l
        on
            l.source = n.source and l.listing = n.listing and l.version = n.version and l.name = n.name
            and l.provider = n.provider and l.valid_from is not distinct from n.valid_from
    union all by name
    select *, 3 as place from shipped
),
nightly as (
    select * exclude (place) from stated
    qualify row_number() over (
        partition by source, listing, name, provider, valid_from, known_on
        order by place, input_usd, output_usd, url, sha256
    ) = 1
)
select * from nightly
window offer as (partition by source, listing, name, provider, valid_from order by known_on)
qualify (input_usd, output_usd) is distinct from (lag(input_usd) over offer, lag(output_usd) over offer)
