-- Rows of the tables on price, hardware and depth whose key occurs more than once, or whose stretches overlap.
select 'capability_price' as "table", format('{} {} {} {} {}', basis, level_id, side, tier, from_on) as key
from (
    select *, lead(from_on) over (partition by basis, level_id, side, tier order by from_on) as next_on
    from marts.capability_price
)
where next_on <= from_on or next_on < coalesce(until_on, date 'infinity')
union all
select 'capability_price_trend', format('{} {} {} {}', basis, level_id, side, tier)
from marts.capability_price_trend group by all having count(*) > 1
union all
select 'hardware', format('{} {}', model, bits) from marts.hardware group by all having count(*) > 1
union all
select 'hardware_best', format('{} {} {}', class, bits, tier) from marts.hardware_best group by all having count(*) > 1
union all
select 'depth', format('{} {}', quarter, tier) from marts.depth group by all having count(*) > 1
union all
select 'provider_count', format('{} {}', side, model) from marts.provider_count group by all having count(*) > 1
union all
select 'model_choice', format('{} {}', scope, model) from marts.model_choice group by all having count(*) > 1
union all
select 'parity_compute', event_id from marts.parity_compute group by all having count(*) > 1
