-- One row per change of leader as an event: another model leads the open or the closed side of a scope.
select
    sha256(concat_ws('|', side || '-leader', l.scope, l.edition, l.tier, l.model, '1')) as event_id,
    side || '-leader' as kind,
    case when undone then 'retracted' when confirmed_on is null then 'provisional' else 'confirmed' end as state,
    l.scope_kind, l.scope, l.edition, l.tier, l.domain, '' as grade, l.model, l.before_model as other_model,
    l.from_on as happened_on, l.valid_from as known_on,
    case when undone then undone_on else coalesce(confirmed_on, l.valid_from) end as state_on,
    coalesce(b.counts_for_index, true) as counts, l.valid_from <= l.first_seen_on as backfilled,
    concat(
        m.title, case side when 'open' then ' leads the open-weight models on ' else ' leads the closed models on ' end,
        coalesce(b.title, case l.scope_kind
            when 'overall' then 'the overall index'
            else 'the ' || l.scope || ' index'
        end),
        case when l.tier = 'T1' then ' under an unrestricted licence' else '' end,
        ', ahead of ' || o.title, case when l.one_operator and l.confirmed_on is null and not l.undone then ' (shown by one operator only)' end
    ) as headline,
    to_json(struct_pack(
        scope_title := coalesce(b.title, l.scope), unit := coalesce(b.unit, 'index points'),
        leader := struct_pack(model := l.model, title := m.title, score := l.value, counts_from := l.from_on),
        before := struct_pack(model := l.before_model, title := o.title, score := l.before_value),
        one_operator := l.one_operator,
        difference := round(l.signed - l.before_signed, 9),
        lo := round(l.signed - l.before_signed - z90() * sqrt(l.stderr ** 2 + l.before_stderr ** 2), 6),
        hi := round(l.signed - l.before_signed + z90() * sqrt(l.stderr ** 2 + l.before_stderr ** 2), 6),
        evidence := list_filter([v.page], lambda page: page is not null)
    ))::varchar as facts
from staging.event_leader l
left join input.board b on b.board = l.scope
left join marts.model m on m.model = l.model
left join marts.model o on o.model = l.before_model
left join staging.event_evidence v
    on v.board = l.scope and v.edition = l.edition and v.model = l.model and v.value = l.value
