-- One row per scope, edition, tier and published night on which its gap or lag moved (METHOD section 4, "Not news"): a
-- row of the board changed, and the figure lies outside the interval of the one published last as news, as that one lies
-- outside the new interval.  A board whose leader was provisional that night makes no news.  A lag grows by a day a day
-- while nothing happens, so the last one is carried forward by the days gone by.  It is read from the vintages: a
-- correction of past scores changes the current table, not what was published.
with recursive published as (
    from marts.gap_index_vintage where scope_kind <> 'board' or provisional is not true
),
measured as (
    select
        night, scope_kind, scope, edition, tier, domain, method_version, 'gap' as what, unit, gap as value,
        gap_lo as lo, gap_hi as hi, 0 as drift, hash(closed_model, closed_score, open_model, open_score) as leaders
    from published
    union all
    select
        night, scope_kind, scope, edition, tier, domain, method_version, 'lag', 'days', lag_days, lag_lo, lag_hi,
        sign(lag_days)::integer, hash(closed_model, closed_score, open_model, open_score)
    from published
),
-- Nights on which the leaders' rows changed; the first night of a series is what the next ones are compared with.
changed as (
    select *, hash(scope_kind, scope, edition, tier, what, method_version) as series
    from measured
    where value is not null and lo is not null and hi is not null
    qualify leaders is distinct from lag(leaders) over (
        partition by scope_kind, scope, edition, tier, what, method_version order by night
    )
),
numbered as (
    select *, row_number() over (partition by series order by night) as place from changed
),
followed as (
    select
        series, place, false as moved, night as news_on, value as news_value, lo as news_lo, hi as news_hi, drift as news_drift,
        night as before_on, value as before_value, lo as before_lo, hi as before_hi, 0 as days_gone_by
    from numbered
    where place = 1
    union all
    select
        series, place, moved, if(moved, night, news_on), if(moved, value, news_value), if(moved, lo, news_lo),
        if(moved, hi, news_hi), if(moved, drift, news_drift), news_on, news_value, news_lo, news_hi, gone_by
    from (
        select
            n.*, f.* exclude (series, place, moved), f.news_drift * (n.night - f.news_on) as gone_by,
            n.value not between f.news_lo + gone_by and f.news_hi + gone_by and f.news_value + gone_by not between n.lo and n.hi as moved
        from followed f
        join numbered n on n.series = f.series and n.place = f.place + 1
    )
)
select n.* exclude (series, place, drift, leaders), f.before_on, f.before_value, f.before_lo, f.before_hi, f.days_gone_by
from followed f
join numbered n using (series, place)
where f.moved
