-- Rows that claim to know or to be something after the night.
select 'score' as "table", name, known_on as happened_on from marts.score where known_on > night()
union all
select 'gap_index', scope, night from marts.gap_index where night > night()
union all
select 'frontier', model, from_on from marts.frontier where from_on > night() + 400
