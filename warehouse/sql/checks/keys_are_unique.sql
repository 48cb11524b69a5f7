-- Rows whose key occurs more than once.
select 'gap_index' as "table", format('{} {} {} {}', night, scope, edition, tier) as key, count(*) as times
from marts.gap_index group by all having count(*) > 1
union all
select 'parity_event', event_id, count(*) from marts.parity_event group by all having count(*) > 1
union all
select 'time_to_parity', format('{} {} {} {} {}', scope, edition, tier, closed_model, grade), count(*)
from marts.time_to_parity group by all having count(*) > 1
union all
select 'model_alias', format('{} {}', source, name), count(*) from marts.model_alias group by all having count(*) > 1
union all
select 'model', model, count(*) from marts.model group by all having count(*) > 1
union all
select 'event', event_id, count(*) from marts.event group by all having count(*) > 1
union all
select 'board_health', board, count(*) from marts.board_health group by all having count(*) > 1
