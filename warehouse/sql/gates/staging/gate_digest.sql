-- One row per good table: the older table, not the one before it, with exactly the same values.
-- A page that returns to its content before the last change was reverted or comes from an old copy: it is not new.  One
-- that returns to its content before something was held (another scale, other columns, a jump), or before a change that
-- was shown on one night only, was repaired.
with digests as (
    select
        g.table_no, g.series, g.from_night, g.sha256, g.own, d.digest,
        coalesce(k.off_scale or k.off_order, false) as off
    from staging.gate_page g
    join staging.row_count_gate r using (table_no)
    join (
        select table_no, bit_xor(hash(row_key, signed)) as digest
        from staging.gate_value group by table_no
        having count(*) >= (select rows_compared from staging.gate_limit)
    ) d using (table_no)
    left join staging.gate_step k using (table_no)
    where r.good
),
looked as (
    select d.table_no, d.series, count(distinct l.night) as nights
    from digests d
    join staging.gate_page g using (table_no)
    left join staging.page_look l
        on
            l.source = g.source and l.url = g.url and l.page_key = g.page_key and l.night >= g.from_night
            and (g.next_night is null or l.night < g.next_night)
    where g.own
    group by all
),
placed as (
    select
        *, last_value(case when not off then table_no end ignore nulls) over (
            partition by series order by table_no rows between unbounded preceding and 1 preceding
        ) as before_no
    from digests
),
repeated as (
    select d.table_no, d.series, max(o.from_night) as same_as_on, max(o.table_no) as same_no
    from placed d
    join digests b on b.table_no = d.before_no
    left join digests o
        on
            o.series = d.series and o.table_no < d.before_no and o.own and not o.off and not d.off
            and (o.digest = d.digest or o.sha256 = d.sha256) and d.digest <> b.digest
            and d.before_no not in (select table_no from staging.held_score)
    group by all
)
select
    s.table_no,
    case
        when (select sum(l.nights) from looked l where l.series = s.series and l.table_no > s.same_no and l.table_no < s.table_no) > 1
            then s.same_as_on
    end as same_as_on
from repeated s
