-- One row per estimate that somebody else has published of the overall gap or lag, with ours for the same day beside it (METHOD section 7).
-- Key: peer, published_on, measure
with stated as (
    select * from seed.peer_estimate
    union all by name
    -- Epoch's index as it stands tonight, by our arithmetic: the same question asked of their numbers.
    select
        'Epoch AI' as peer, 100 + m.place as place, g.observed_on as published_on, g.observed_on as from_on, m.measure,
        m.title, m.value, m.lo, m.hi, m.unit, 'tonight''s Epoch Capabilities Index, by our arithmetic' as definition,
        'the models are dated alike; their index rests on other boards and another fit' as why, b.homepage as url
    from marts.gap_index g
    join input.board b on b.board = g.scope
    cross join
        lateral (
            values
            (1, 'lag', 'how old what open models can do is, in their scores', g.lag_days, g.lag_lo, g.lag_hi, 'days'),
            (2, 'gap', 'gap of the best open-weight model, in their scores', g.gap, g.gap_lo, g.gap_hi, 'index points')
        ) m (place, measure, title, value, lo, hi, unit)
    where g.scope = 'epoch-eci' and g.tier = 'any' and g.night = night() and g.provisional is not true and m.value is not null
    qualify row_number() over (partition by m.measure order by g.observed_on desc, g.edition desc) = 1
),
ours as (
    select night, gap, gap_lo, gap_hi, lag_days, lag_lo, lag_hi
    from marts.gap_index where scope = 'overall' and tier = 'any'
),
known as (
    select night, gap, lag_days from marts.gap_index_vintage where scope = 'overall' and tier = 'any'
),
averages as (
    select s.peer, s.published_on, s.measure, avg(case s.measure when 'lag' then o.lag_days else o.gap end) as average
    from stated s
    join ours o on o.night between s.from_on and s.published_on
    group by all
)
select
    s.peer,                                                         -- who published it
    s.place::integer as place,                                      -- order in which they are shown
    s.published_on,                                                 -- when; of an index that is read, the date of its table
    s.from_on,                                                      -- first day of the time that it is about
    s.measure,                                                      -- lag | gap
    s.title,                                                        -- what is estimated, in words
    s.value,                                                        -- their estimate
    s.lo,                                                           -- lower end of their interval; NULL: none published
    s.hi,                                                           -- upper end of their interval
    s.unit,                                                         -- days | index points
    s.definition,                                                   -- what exactly they estimate
    round(case s.measure when 'lag' then o.lag_days else o.gap end, 3) as ours,         -- ours on the day they published it, as computed tonight
    round(case s.measure when 'lag' then o.lag_lo else o.gap_lo end, 3) as ours_lo,     -- its lower 90 % limit
    round(case s.measure when 'lag' then o.lag_hi else o.gap_hi end, 3) as ours_hi,     -- its upper 90 % limit
    round(case s.measure when 'lag' then k.lag_days else k.gap end, 3) as ours_then,    -- ours as we published it that day; NULL: no vintage of it
    round(a.average, 3) as ours_average,                            -- ours, averaged over the days that their estimate is about
    s.why,                                                          -- why the two differ
    s.url                                                           -- where they published it
from stated s
left join ours o on o.night = s.published_on
left join known k on k.night = s.published_on
left join averages a on a.peer = s.peer and a.published_on = s.published_on and a.measure = s.measure
