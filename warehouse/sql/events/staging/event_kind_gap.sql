-- One row per gap or lag that moved, as an event.
select
    sha256(concat_ws('|', 'gap-moved', scope_kind, scope, edition, tier, what, night, '1')) as event_id,
    'gap-moved' as kind, 'confirmed' as state, scope_kind, scope, edition, tier, g.domain, what as grade,
    null::varchar as model, null::varchar as other_model, night as happened_on, night as known_on, night as state_on,
    coalesce(b.counts_for_index, true) as counts, false as backfilled,
    format('The {} on {} moved from {:.4g} to {:.4g} {}{}', what, coalesce(b.title, case scope_kind
        when 'overall' then 'the overall index' else 'the ' || scope || ' index'
    end),
    before_value, value, g.unit,
    if(days_gone_by = 0, '', format(', {} of them by the calendar', days_gone_by))) as headline,
    to_json(struct_pack(
        scope_title := coalesce(b.title, scope), what := what, unit := g.unit,
        days_gone_by := days_gone_by,
        "before" := struct_pack(night := before_on, value := before_value, lo := before_lo, hi := before_hi),
        now := struct_pack(night := night, value := value, lo := lo, hi := hi)
    ))::varchar as facts
from staging.event_gap g
left join input.board b on b.board = g.scope
