-- Rows that claim to know or to be something after the night.
select 'score' as "table", name, known_on as happened_on from marts.score where known_on > (select night from seed.night)
union all
select 'gap_index', scope, night from marts.gap_index where night > (select night from seed.night)
union all
select 'frontier', model, from_on from marts.frontier where from_on > (select night from seed.night) + 400
