-- One row per parity event as an event: an open-weight model reaches a closed record (docs/events.md).
select
    event_id, 'parity' as kind, state, scope_kind, scope, edition, tier, domain, grade,
    open_model as model, closed_model as other_model, open_on as happened_on, known_on, state_on, counts, backfilled,
    concat(
        open_title, case grade
            when 'match' then ' matches ' when 'parity' then ' reaches parity with '
            else ' overtakes '
        end, closed_title, ' on ', scope_title,
        case
            when days > 0 then format(', {} {} after', days, if(days = 1, 'day', 'days'))
            when days = 0 then ', on the same day'
            else format(', having come {} {} before', -days, if(days = -1, 'day', 'days'))
        end
    ) as headline,
    to_json(struct_pack(
        scope_title := scope_title, unit := unit, days := days,
        open := struct_pack(model := open_model, title := open_title, score := open_score, counts_from := open_on),
        closed := struct_pack(
            model := closed_model, title := closed_title, score := closed_score, counts_from := closed_on
        ),
        difference := difference, lo := round(difference_lo, 6), hi := round(difference_hi, 6),
        margin := margin, standard_error := standard_error, n_instruments := n_instruments, boards := boards,
        level_on := level_on, behind_on := behind_on,
        evidence := list_filter([open_page, closed_page], lambda page: page is not null)
    ))::varchar as facts
from staging.event_parity
