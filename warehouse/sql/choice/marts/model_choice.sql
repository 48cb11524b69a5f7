-- One row per scope and open-weight model: what it can do, which closed model that equals, its price, licence, memory.
-- Key: scope, model
with closed as (
    select a.scope, a.model, a.theta, d.available_on
    from computed.ability a
    join staging.access_span s on s.model = a.model and s.tier = 'C' and s.until_on is null
    join staging.model_date d on d.model = a.model
    where a.theta is not null and d.available_on <= night()
),
-- Records: closed models that raised the frontier when they came, which people know; not whichever id lies nearest.
record as (
    select * from closed
    qualify theta > coalesce(max(theta) over (
        partition by scope order by available_on, theta desc, model rows between unbounded preceding and 1 preceding
    ), -1e9)
),
equal as (
    select o.scope, o.model, c.model as closed_model, c.theta as closed_theta, c.available_on as closed_on
    from staging.open_weights o
    join record c on c.scope = o.scope and c.theta <= o.theta
    where o.for_tier = 'any'
    qualify row_number() over (partition by o.scope, o.model order by c.theta desc, c.available_on, c.model) = 1
),
offer as (
    select
        model, min(blended_usd) as usd, arg_min(provider, (blended_usd, provider)) as provider,
        arg_min(source, (blended_usd, provider, input_usd)) as source,
        arg_min(input_usd, (blended_usd, provider, input_usd)) as input_usd,
        arg_min(output_usd, (blended_usd, provider, input_usd)) as output_usd,
        count(distinct nullif(provider, '')) filter (kind = 'seller') as sellers
    from staging.price_offer
    where side = 'open' and until_on is null and from_on <= night()
    group by model
),
waiting as (
    select model, string_agg(concat_ws(' ', source, nullif(provider, ''), held), '; ' order by known_on, source, provider, name) as prices
    from staging.price_gate
    where held <> '' and changed_on is null
    group by model
),
memory as (
    select
        model,
        max(gb) filter (bits = 16) as gb_16, max(gb) filter (bits = 8) as gb_8, max(gb) filter (bits = 4) as gb_4,
        max(class) filter (bits = 16) as class_16, max(class) filter (bits = 8) as class_8,
        max(class) filter (bits = 4) as class_4
    from staging.memory_requirement
    group by model
)
select
    o.scope,                                                        -- overall, or the domain
    row_number() over (partition by o.scope order by o.theta desc, o.model)::integer as place,  -- rank among open-weight models of the scope
    o.model,                                                        -- the model's key
    m.title,                                                        -- its name for people
    m.developer,                                                    -- who made it
    m.country,                                                      -- country of the developer, ISO 3166; empty: not known
    o.theta,                                                        -- ability on the composite's scale
    o.lo,                                                           -- lower 90 % limit
    o.hi,                                                           -- upper 90 % limit
    o.share,                                                        -- how much of a domain's ability is evidence of the domain; NULL overall
    o.open_on,                                                      -- date its weights count from
    e.closed_model,                                                 -- the ablest closed frontier record that it matches, point against point
    e.closed_theta,                                                 -- that model's ability
    e.closed_on,                                                    -- since when that model could be had
    o.licence_tier,                                                 -- T1 unrestricted | T2 restricted commercial | T3 non-commercial
    o.licence,                                                      -- licence as the evidence names it
    f.usd,                                                          -- cheapest offer, blended list price, USD per million tokens; NULL: no list names it
    f.input_usd,                                                    -- of that offer, USD per million tokens read
    f.output_usd,                                                   -- of that offer, USD per million tokens written
    f.provider,                                                     -- who makes it
    h.last_good_on as listed_on,                                    -- last night on which the list with that offer could be read; NULL: no price
    w.prices as price_waiting,                                      -- list prices of the model that gate G12 holds tonight, and why; NULL: none
    coalesce(f.sellers, 0)::integer as sellers,                     -- distinct sellers whose price lists name it
    m.parameters,                                                   -- parameters, all experts included
    m.context_tokens,                                               -- tokens it reads at once, by the best source
    y.gb_16,                                                        -- memory in GB at 16 bits per parameter
    y.gb_8,                                                         -- at 8 bits
    y.gb_4,                                                         -- at 4 bits
    y.class_16,                                                     -- smallest class of hardware that holds it at 16 bits
    y.class_8,                                                      -- at 8 bits
    y.class_4,                                                      -- at 4 bits
    m.hub_repo                                                      -- Hub repository of the weights
from staging.open_weights o
left join marts.model m using (model)
left join equal e using (scope, model)
left join offer f using (model)
left join marts.source_health h on h.source = f.source
left join memory y using (model)
left join waiting w using (model)
where o.for_tier = 'any'
