-- One row per page of a board edition and gate that judged it (FAULTS.md section 4): pass, warned or held, the measured
-- value with its limit, and an explanation.  Comparisons are with the last good table only.
with limits as (
    select map_from_entries(list((rule, "limit"))) as of from seed.gate
),
spread as (
    select t, count(*) as n, max(abs(signed)) as largest, count(*) filter (where spread > 0) as doubled
    from staging.gate_value group by t
),
names as (
    select v.t, count(distinct v.name) as names, count(distinct v.name) filter (where not n.known) as unknown
    from staging.gate_value v
    join staging.resolved_name n on n.source = v.source and n.name = v.name
    group by v.t
),
dated as (
    select
        g.t, g.stated_on, max(g.stated_on) filter (where r.good and g.stated_on <= g.from_night + 1) over (
            partition by g.series order by g.t rows between unbounded preceding and 1 preceding
        ) as stated_before
    from staging.gate_page g
    join staging.row_count_gate r using (t)
),
held_rows as (
    select t, gate, count(*) as rows, string_agg(name, ', ' order by name) as listed from staging.held_score group by all
),
page as (
    select
        g.*, l.of as "of", r.longest, r.too_few, r.unbelievable, r.cut, r.shorter, r.end_share, r.good, s.n, s.largest,
        n.names, n.unknown
    from staging.gate_page g
    join staging.row_count_gate r using (t)
    left join spread s using (t)
    left join names n using (t)
    cross join limits l
    where g.own
),
stated as (
    select
        t, 'G1' as gate, 'order kept' as rule, case when k.off_order then 'held' else 'pass' end as outcome,
        case when isfinite(k.kept_order) then k.kept_order end as measured,
        format(
            'the order of {} models has nothing to do with the last good table (correlation {:.2f}): columns swapped?',
            k.common, k.kept_order
        ) as found
    from staging.gate_step k where k.own_before is not null
    union all
    select
        t, 'G2', 'rows expected', case when too_few then 'held' else 'pass' end, seen,
        format('{} rows shown, at least {} expected', seen, min_rows)
    from page
    union all
    select
        t, 'G3', 'rows kept', case when cut then 'held' when shorter then 'warned' else 'pass' end, seen / longest,
        case
            when cut then format('{} rows shown, {} before it was cut', seen, longest)
            else format('{} rows shown, {} before: rows from all over the list were withdrawn', seen, longest)
        end
    from page
    union all
    select
        t, 'G3', 'leaders kept', case when l.headless then 'held' else 'pass' end, l.there,
        format('{} of the {} best of the last good table are listed; missing: {}', l.there, l.leaders, l.missing)
    from staging.gate_leaders l
    union all
    select
        t, 'G4', 'rows unbelievable',
        case when unbelievable then 'held' when quarantined > 0 then 'warned' else 'pass' end,
        quarantined / greatest(1, seen), format('{} of {} rows not believable', quarantined, seen)
    from page
    union all
    select
        p.t, 'G4', 'scale step', case when off or coalesce(k.off_scale, false) then 'held' else 'pass' end,
        coalesce(k.ratio, 1),
        case
            when coalesce(k.off_scale, false)
                then format('values moved by a factor of {}: another scale?', round(k.ratio, 4))
            else format('no value above {}: fractions where {} are expected?', round(p.largest, 4), p.unit)
        end
    from (
        select *, coalesce(unit = '%' and high = 100 and n >= "of"['rows compared'] and largest <= 1, false) as off
        from page
    ) p
    left join staging.gate_step k using (t)
    union all
    select
        t, 'G5', 'names unknown', case when unknown > "of"['names unknown'] * names then 'warned' else 'pass' end,
        unknown / names, format('{} of {} names are nobody''s', unknown, names)
    from page where names > 0
    union all
    select
        p.t, 'G5', 'contradiction', case when h.rows is null then 'pass' else 'held' end, coalesce(h.rows, 0),
        format('{} rows stand twice with different values: {}', h.rows, h.listed)
    from page p left join held_rows h on h.t = p.t and h.gate = 'G5'
    union all
    select
        k.t, 'G6', 'median shift',
        case
            when
                k.common >= l.of['rows compared'] and k.shift > l.of['median shift'] * k.reach
                and not (k.off_scale or k.off_order) then 'warned'
            else 'pass'
        end,
        k.shift / k.reach,
        format(
            '{} common values moved by {:.1f} % of the range in the middle: re-based without saying so', k.common,
            100 * k.shift / k.reach
        )
    from staging.gate_step k cross join limits l
    where k.reach > 0 and k.common > 0
    union all
    select
        k.t, 'G6', 'values withdrawn',
        case
            when
                k.n_before - k.common > greatest(2, l.of['values withdrawn'] * k.n_before)
                and not (k.off_scale or k.off_order) then 'warned'
            else 'pass'
        end,
        (k.n_before - k.common) / k.n_before,
        format('{} of {} values of the last good table are gone', k.n_before - k.common, k.n_before)
    from staging.gate_step k cross join limits l
    where k.own_before
    union all
    select
        p.t, 'G7', 'single jump', case when h.rows is null then 'pass' else 'held' end, coalesce(h.rows, 0),
        format('{} rows jumped by more than {:.0f} % of the range: {}', h.rows, 100 * "of"['single jump'], h.listed)
    from page p left join held_rows h on h.t = p.t and h.gate = 'G7'
    where p.good
    union all
    select
        p.t, 'G9', 'days ahead',
        case
            when h.rows is not null then 'held' when p.stated_on > p.from_night + "of"['days ahead']::integer then 'warned'
            else 'pass'
        end,
        greatest(0, coalesce(p.stated_on - p.from_night, 0)),
        format('dated {}, which is yet to come{}', p.stated_on, coalesce(': ' || h.listed, ''))
    from page p left join held_rows h on h.t = p.t and h.gate = 'G9'
    union all
    select
        p.t, 'G9', 'date goes on', case when p.stated_on < d.stated_before then 'warned' else 'pass' end,
        coalesce(p.stated_on - d.stated_before, 0), format('dated {}, but {} before', p.stated_on, d.stated_before)
    from page p join dated d using (t)
    union all
    select
        p.t, 'G9', 'older page', case when d.same_as_on is null then 'pass' else 'held' end,
        coalesce(p.from_night - d.same_as_on, 0), format('repeats its page of {}: an old copy', d.same_as_on)
    from page p join staging.gate_digest d using (t)
)
select
    s.t, s.gate, s.rule, s.outcome, round(s.measured, 6) as measured, g."limit", g.unit,
    case
        when s.outcome = 'held' and (s.gate = 'G7' or s.rule in ('contradiction', 'days ahead')) then 'rows'
        else 'table'
    end as "of",
    case when s.outcome = 'pass' then '' else s.found end as explanation
from stated s
left join seed.gate g on g.gate = s.gate and g.rule = s.rule
join staging.gate_page p on p.t = s.t and p.own
