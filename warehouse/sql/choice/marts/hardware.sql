-- One row per open-weight model with an ability, and precision: the memory it needs, the smallest hardware that holds it.
-- Key: model, bits
select
    o.model,                                                        -- the model's key
    m.title,                                                        -- its name for people
    o.licence_tier,                                                 -- T1 | T2 | T3
    o.theta,                                                        -- ability overall, on the composite's scale
    o.model = arg_max(o.model, (o.theta, o.model)) over () as is_open_leader,  -- true: the best open-weight model tonight
    n.parameters,                                                   -- parameters, all experts included
    n.parameters_basis,                                             -- who states them
    b.bits,                                                         -- 16 | 8 | 4 per parameter; scores are measured at the developer's own precision
    n.gb,                                                           -- memory it needs, in 1e9 bytes
    n.class,                                                        -- smallest class of seed hardware_class that holds it
    case when n.gb is null then 'nobody states its parameters' end as reason  -- why the memory is NULL
from staging.open_weights o
cross join (values (16), (8), (4)) b (bits)
left join staging.memory_requirement n on n.model = o.model and n.bits = b.bits
left join marts.model m on m.model = o.model
where o.scope = 'overall' and o.for_tier = 'any'
