-- One row per class of hardware, precision and licence tier: the best open-weight model that fits it tonight.
-- Key: class, bits, tier
with closed as (
    select a.model, a.theta, min(greatest(d.available_on, s.from_on)) as available_on
    from computed.ability a
    join staging.access_span s on s.model = a.model and s.tier = 'C'
    join staging.model_date d on d.model = a.model
    where
        a.scope = 'overall' and a.theta is not null
        and greatest(d.available_on, s.from_on) <= night()
    group by a.model, a.theta
),
fitting as (
    select
        h.class, h.place, h.gb as class_gb, h.title as class_title, t.tier, b.bits,
        o.model, o.theta, o.lo, o.hi, o.open_on, o.licence_tier, n.gb, n.title
    from seed.hardware_class h
    cross join licence_tiers() t
    cross join (values (16), (8), (4)) b (bits)
    left join (staging.open_weights o join staging.memory_requirement n using (model))
        on o.scope = 'overall' and o.for_tier = t.tier and n.bits = b.bits and n.class_place <= h.place
    qualify row_number() over (
        partition by h.class, t.tier, b.bits order by o.theta desc nulls last, o.open_on, o.model
    ) = 1
),
lagged as (
    select f.*, c.model as closed_model, c.available_on as closed_on
    from fitting f
    left join closed c on c.theta >= f.theta and c.model <> f.model
    qualify row_number() over (
        partition by f.class, f.tier, f.bits order by c.available_on nulls last, c.theta desc, c.model
    ) = 1
)
select
    class,                                                          -- class of hardware
    place::integer as place,                                        -- order of the classes, smallest first
    class_gb::double as class_gb,                                   -- its memory in GB; NULL: no limit
    bits,                                                           -- 16 | 8 | 4 per parameter; scores are measured at the developer's own precision
    tier,                                                           -- any | T1: licence tier
    model,                                                          -- the best open-weight model that fits; NULL: none does
    title,                                                          -- its name for people
    licence_tier,                                                   -- T1 | T2 | T3
    gb,                                                             -- memory it needs in GB
    theta,                                                          -- its ability overall
    lo,                                                             -- lower 90 % limit
    hi,                                                             -- upper 90 % limit
    open_on,                                                        -- date its weights count from
    closed_model,                                                   -- the first closed model that could do as much
    closed_on,                                                      -- date it counts from (API)
    night() - closed_on as lag_days,         -- days since then: the age of what fits this class (near end of the bracket)
    case
        when model is null then 'no open-weight model of known size and ability fits'
        when closed_model is null then 'ahead of every closed model placed'
    end as reason                                                   -- why the lag is NULL
from lagged
