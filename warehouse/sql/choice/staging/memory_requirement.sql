-- One row per open-weight model of known size and precision: the memory it needs and the smallest class that holds it.
-- Memory in GB (1e9 bytes) = parameters x bits / 8 x 1.10 + 4: a tenth more for buffers, and 4 GB for a context of about
-- 32,000 tokens.  All parameters count, those of idle experts too: they must be somewhere.
with size as (
    select m.model, m.title, m.parameters, m.parameters_basis
    from marts.model m
    where m.parameters > 0
),
need as (
    select s.*, b.bits, round(s.parameters * b.bits / 8 / 1e9 * 1.10 + 4, 3) as gb
    from size s
    cross join (values (16), (8), (4)) b (bits)
)
select n.*, h.class, h.place as class_place
from need n
asof join (select class, place, coalesce(gb, 'infinity'::double) as class_gb from seed.hardware_class) h
    on n.gb <= h.class_gb
