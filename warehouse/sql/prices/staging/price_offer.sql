-- One row per offer of a model and stretch of dates with one price, on the side on which the model then counts.
-- Blended: three tokens read for each one written, USD per million.  Left out: free offers (a price of 0), figures
-- that are not offers (medians, pages about models), copies of a seller's list from when we read the list itself, names
-- that move to a newer model (`-latest`), and known errors of a list (seed `price_exclusion`).
with own_list as (
    select source, min(known_on) as read_from from staging.price_by_source group by source
),
stated as (
    select
        n.model, n.variant, p.*,
        case when p.provider = '' and contains(p.name, '/') then split_part(p.name, '/', 1) else p.provider end as written
    from staging.price_history p
    join staging.resolved_name n on n.source = p.source and n.name = p.name
    where
        p.input_usd > 0 and p.output_usd > 0 and not contains(n.variant, 'date=latest')
        and not exists (
            from seed.price_exclusion x
            where
                x.source = p.source and p.name glob x.name
                and p.known_on >= x.known_from and p.known_on < coalesce(x.known_until, date 'infinity')
        )
),
priced as (
    select
        s.model, s.variant, s.source, s.name,
        coalesce(v.provider, s.written) as provider, coalesce(v.kind, 'seller') as kind,
        s.input_usd, s.output_usd, round((3 * s.input_usd + s.output_usd) / 4, 9) as blended_usd,
        greatest(s.from_on, d.available_on) as from_on,
        case when v.own_list <> s.source then least(s.until_on, w.read_from) else s.until_on end as until_on,
        s.from_basis, s.known_on, s.url, s.sha256
    from stated s
    join staging.model_date d using (model)
    left join seed.price_provider v using (written)
    left join own_list w on w.source = v.own_list
    where coalesce(v.kind, 'seller') <> 'no offer'
)
select
    p.* exclude (from_on, until_on),
    a.tier, case a.tier when 'C' then 'closed' else 'open' end as side,
    greatest(p.from_on, a.from_on) as from_on,
    least(p.until_on, a.until_on) as until_on
from priced p
join staging.access_span a on a.model = p.model and a.tier <> 'U'
where greatest(p.from_on, a.from_on) < coalesce(least(p.until_on, a.until_on), date 'infinity')
