-- One row per basis, capability level, side, tier and date on which an offer began or ended: the cheapest offer then,
-- the next cheapest other model's, and how many models on sale reached the level.  `place` NULL: nothing on sale did.
with change as (
    select distinct basis, valid_from
    from (
        select basis, from_on as valid_from from staging.price_interval
        union all
        select basis, until_on from staging.price_interval
    )
    where valid_from <= night()
),
cheapest as (
    select c.basis, c.valid_from, s.counts_as as side, s.for_tier as tier, s.model, min(s.place) as place
    from change c
    join staging.price_interval s
        on s.basis = c.basis and s.from_on <= c.valid_from and (s.until_on is null or s.until_on > c.valid_from)
    group by all
),
reached as (
    select c.basis, l.level_id, c.valid_from, c.side, c.tier, min(c.place, 2) as places, count(*) as n_models
    from cheapest c
    join staging.price_level l on l.model = c.model and l.kind <> 'frontier'
    group by all
    union all
    select c.basis, l.level_id, c.valid_from, c.side, c.tier, [arg_max(c.place, (l.theta, l.model))], count(*)
    from cheapest c
    join staging.price_level l on l.model = c.model and l.kind = 'frontier'
    group by all
)
select
    d.basis, k.level_id, s.side, s.tier, d.valid_from, r.places[1] as place, r.places[2] as next_place,
    coalesce(r.n_models, 0) as n_models
from (select distinct level_id from staging.price_level) k
cross join (values ('open', 'any'), ('open', 'T1'), ('closed', 'any'), ('any', 'any')) s (side, tier)
cross join change d
left join reached r
    on r.basis = d.basis and r.level_id = k.level_id and r.side = s.side and r.tier = s.tier and r.valid_from = d.valid_from
