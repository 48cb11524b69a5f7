-- One row per scope, edition, tier and published night on which its gap or lag left the interval of the night published
-- before, and that night's figure lies outside the new interval as well.  It is read from the vintages: a correction of
-- past scores changes the current table, not what was published.
with measured as (
    select night, scope_kind, scope, edition, tier, domain, 'gap' as what, unit, gap as value, gap_lo as lo, gap_hi as hi
    from marts.gap_index_vintage
    union all
    select night, scope_kind, scope, edition, tier, domain, 'lag', 'days', lag_days, lag_lo, lag_hi
    from marts.gap_index_vintage
),
compared as (
    select
        *, lag(night) over series as before_on, lag(value) over series as before_value,
        lag(lo) over series as before_lo, lag(hi) over series as before_hi
    from measured
    where value is not null and lo is not null and hi is not null
    window series as (partition by scope_kind, scope, edition, tier, what order by night)
)
select * from compared
where
    value not between before_lo and before_hi and before_value not between lo and hi
    and night - before_on <= 14
