-- One row per model among the ten most able of its side tonight: how many sellers offer it, and at what price.
-- Key: side, model
with placed as (
    select
        case s.tier when 'C' then 'closed' else 'open' end as side, a.model, a.theta, s.tier as licence_tier,
        row_number() over (
            partition by s.tier = 'C' order by a.theta desc, a.model
        ) as place
    from computed.ability a
    join staging.access_span s
        on s.model = a.model and s.tier <> 'U' and s.until_on is null and s.from_on <= night()
    join staging.model_date d on d.model = a.model and d.available_on <= night()
    where a.scope = 'overall' and a.theta is not null
),
offer as (
    select * from staging.price_offer where until_on is null and from_on <= night()
)
select
    p.side,                                                         -- open | closed
    p.model,                                                        -- the model's key
    any_value(p.theta) as theta,                                    -- its ability overall
    any_value(p.place)::integer as place,                           -- rank on its side, 1 is the best
    any_value(p.licence_tier) as licence_tier,                      -- T1 | T2 | T3 | C
    count(distinct nullif(o.provider, '')) filter (o.kind = 'seller')::integer as sellers,  -- distinct sellers whose price lists name it
    count(distinct o.provider) filter (o.kind = 'router')::integer as routers,  -- distinct routers that pass requests on
    string_agg(distinct o.provider, ', ' order by o.provider) as providers,     -- their names
    min(o.blended_usd) as least_usd,                                -- cheapest offer, blended list price, USD per million tokens
    arg_min(o.provider, (o.blended_usd, o.provider)) as least_provider,         -- who makes it
    max(o.blended_usd) as most_usd                                  -- dearest offer
from placed p
left join offer o on o.model = p.model and o.side = p.side
where p.place <= 10
group by p.side, p.model
