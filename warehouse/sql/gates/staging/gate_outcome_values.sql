-- One row per page and gate on its values beside those of the last good table (G1, G3, G4, G6, G7, G15, G16).
select
    table_no, 'G1' as gate, 'order kept' as rule, case when k.off_order then 'held' else 'pass' end as outcome,
    case when isfinite(k.kept_order) then k.kept_order end as measured,
    format(
        'the order of {} models has nothing to do with the last good table (correlation {:.2f}): columns swapped?',
        k.common, k.kept_order
    ) as found
from staging.gate_step k where k.own_before is not null
union all
select
    table_no, 'G3', 'leaders kept', case when l.headless then 'held' else 'pass' end, l.there,
    format('{} of the {} best of the last good table are listed; missing: {}', l.there, l.leaders, l.missing)
from staging.gate_leaders l
union all
select
    p.table_no, 'G4', 'scale step', case when off or coalesce(k.off_scale, false) then 'held' else 'pass' end,
    coalesce(k.ratio, 1),
    case
        when coalesce(k.off_scale, false)
            then format('values moved by a factor of {}: another scale?', round(k.ratio, 4))
        else format('no value above {}: fractions where {} are expected?', round(p.largest, 4), p.unit)
    end
from (
    select *, coalesce(unit = '%' and high = 100 and n >= l.rows_compared and largest <= 1, false) as off
    from staging.gate_measure
    cross join staging.gate_limit l
) p
left join staging.gate_step k using (table_no)
union all
select
    k.table_no, 'G6', 'median shift',
    case
        when
            k.common >= l.rows_compared and k.shift > l.median_shift * k.reach
            and not (k.off_scale or k.off_order) then 'warned'
        else 'pass'
    end,
    k.shift / k.reach,
    format(
        '{} common values moved by {:.1f} % of the range in the middle: re-based without saying so', k.common,
        100 * k.shift / k.reach
    )
from staging.gate_step k
join staging.gate_measure p using (table_no)
cross join staging.gate_limit l
where k.reach > 0 and k.common > 0
union all
select
    k.table_no, 'G6', 'values withdrawn',
    case
        when
            k.n_before - k.common > greatest(2, l.values_withdrawn * k.n_before)
            and not (k.off_scale or k.off_order) then 'warned'
        else 'pass'
    end,
    (k.n_before - k.common) / k.n_before,
    format('{} of {} values of the last good table are gone', k.n_before - k.common, k.n_before)
from staging.gate_step k
join staging.gate_measure p using (table_no)
cross join staging.gate_limit l
where k.own_before
union all
select
    p.table_no, g.gate, g.rule, case when h.rows is null then 'pass' else 'held' end, coalesce(h.rows, 0),
    case g.gate
        when 'G7'
            then format('{} rows jumped by more than {:.0f} % of the range: {}', h.rows, 100 * l.single_jump, h.listed)
        when 'G15'
            then format(
                '{} rows of models that changed on many boards of one operator at once: {}', h.rows, h.listed
            )
        when 'G16'
            then format(
                '{} new rows lead their side at once, or beat models that theirs does not beat elsewhere: {}',
                h.rows, h.listed
            )
    end
from staging.gate_measure p
cross join (values ('G7', 'single jump'), ('G15', 'one change'), ('G16', 'new row')) g (gate, rule)
cross join staging.gate_limit l
left join staging.gate_held h on h.table_no = p.table_no and h.gate = g.gate
where p.good
