-- One row per good table: the older table, not the one before it, with exactly the same values.
-- A page that returns to its content before the last change was reverted or comes from an old copy: it is not new.  One
-- that returns to its content before something was held (another scale, other columns, a jump), or before a change that
-- was shown on one night only, was repaired.
with digests as (
    select
        g.t, g.series, g.from_night, g.sha256, g.own, d.digest,
        coalesce(k.off_scale or k.off_order, false) as off
    from staging.gate_page g
    join staging.row_count_gate r using (t)
    join (
        select t, bit_xor(hash(who, signed)) as digest
        from staging.gate_value group by t
        having count(*) >= (select rows_compared from staging.gate_limit)
    ) d using (t)
    left join staging.gate_step k using (t)
    where r.good
),
looked as (
    select d.t, d.series, count(distinct l.night) as nights
    from digests d
    join staging.gate_page g using (t)
    left join staging.page_look l
        on
            l.source = g.source and l.url = g.url and l.page_key = g.page_key and l.night >= g.from_night
            and (g.next_night is null or l.night < g.next_night)
    where g.own
    group by all
),
placed as (
    select
        *, last_value(case when not off then t end ignore nulls) over (
            partition by series order by t rows between unbounded preceding and 1 preceding
        ) as before_t
    from digests
),
repeated as (
    select d.t, d.series, max(o.from_night) as same_as_on, max(o.t) as same_t
    from placed d
    join digests b on b.t = d.before_t
    left join digests o
        on
            o.series = d.series and o.t < d.before_t and o.own and not o.off and not d.off
            and (o.digest = d.digest or o.sha256 = d.sha256) and d.digest <> b.digest
            and d.before_t not in (select t from staging.held_score)
    group by all
)
select
    s.t,
    case
        when (select sum(l.nights) from looked l where l.series = s.series and l.t > s.same_t and l.t < s.t) > 1
            then s.same_as_on
    end as same_as_on
from repeated s
