-- Rows that claim to know or to be something after the night.
select 'score' as "table", name, known_on as "on" from marts.score where known_on > (select night from input.night)
union all
select 'gap_index', scope, night from marts.gap_index where night > (select night from input.night)
union all
select 'frontier', model, from_on from marts.frontier where from_on > (select night from input.night) + 400
