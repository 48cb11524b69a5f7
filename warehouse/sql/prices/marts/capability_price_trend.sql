-- One row per capability level, side and tier: what it costs tonight, and how fast that price has been falling.
-- on the first of each month and tonight (costs per task: the day of the board's last run).  Months are not independent
-- observations: the standard error counts each price once, however long it was valid.  At least three prices over 180
-- days, else NULL and the reason.
-- Key: basis, level_id, kind, side, tier
with ending as (
    select basis, case basis when 'blended list price' then night() else max(from_on) end as ends_on
    from staging.price_interval
    group by basis
),
series as (
    select p.*, min(p.from_on) over line as first_on, arg_min(p.usd, p.from_on) over line as first_usd
    from marts.capability_price p
    window line as (partition by p.basis, p.level_id, p.side, p.tier)
),
sampled as (
    select
        s.basis, s.level_id, s.side, s.tier, d.valid_from, s.from_on, s.usd,
        (d.valid_from - s.first_on)::double as x, ln(s.usd) as y
    from series s
    join (
        select basis, unnest(generate_series(date '2023-01-01', ends_on, interval 1 month))::date as valid_from from ending
        union
        select basis, ends_on from ending
    ) d on d.basis = s.basis and d.valid_from >= s.from_on and (s.until_on is null or d.valid_from < s.until_on)
),
mean as (
    select
        basis, level_id, side, tier,
        fsum(x order by valid_from) / count(*) as mean_x, fsum(y order by valid_from) / count(*) as mean_y
    from sampled group by basis, level_id, side, tier
),
centred as (
    select *, x - mean_x as dx, y - mean_y as dy from sampled join mean using (basis, level_id, side, tier)
),
line as (
    select
        basis, level_id, side, tier,
        count(*) as n_points, count(distinct usd) as n_prices, max(valid_from) - min(valid_from) as span_days,
        fsum(dx * dy order by valid_from) / nullif(fsum(dx * dx order by valid_from), 0) as slope,
        fsum(dx * dx order by valid_from) as sxx, fsum(dy * dy order by valid_from) as syy
    from centred
    group by basis, level_id, side, tier
),
judged as (
    select
        *,
        n_prices >= 3 and span_days >= 180 as enough,
        sqrt(greatest(0, syy - slope * slope * sxx) / (n_prices - 2) / nullif(sxx, 0)) as error,
        coalesce([
            6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761,
            1.753, 1.746, 1.740, 1.734, 1.729, 1.725
        ][n_prices - 2
        ], 1.645 + 1.6 / (n_prices - 2
        )) as t95
    from line
),
last_floor as (
    select f.*, o.usd as next_usd, o.model as next_model
    from staging.price_floor f
    left join (select place, usd, model from staging.price_interval where counts_as = 'any') o
        on o.place = f.next_place
    qualify row_number() over (partition by f.basis, f.level_id, f.side, f.tier order by f.valid_from desc) = 1
),
tonight as (
    select * from series where until_on is null
),
best as (
    select basis, any_value(usd) as usd from tonight where level_id = 'frontier' and side = 'any' group by basis
),
stated as (
    select distinct basis, level_id, kind, title, level, side, tier, first_on, first_usd from series
)
select
    t.basis,                                                        -- what a price is: blended list price (3 tokens read to 1 written) | cost per task: <board>
    t.level_id,                                                     -- the level's key in the seed
    t.kind,                                                         -- fixed | model | leader (of tonight) | frontier (best on sale that day)
    t.title,                                                        -- the level in words
    t.level,                                                        -- on the composite's scale; NULL: it moves
    t.side,                                                         -- open | closed | any: which models may do it
    t.tier,                                                         -- any | T1: licence tier of open models
    t.first_on,                                                     -- first date on which something on sale reached the level, as far as we know
    t.first_usd,                                                    -- what it cost then, USD per million tokens or per task
    n.usd as floor_usd,                                             -- what it costs tonight; NULL: nothing on sale reaches it
    n.from_on as floor_since,                                       -- since when it costs that
    n.model as floor_model,                                         -- the cheapest model that reaches it
    n.provider as floor_provider,                                   -- who sells it, empty for a cost per task
    f.next_model,                                                   -- the next cheapest other model that reaches it
    f.next_usd,                                                     -- its price: far above `floor_usd`, one list's slip may be behind it
    f.n_models::integer as n_models,                                -- models on sale tonight that reach the level
    round(t.first_usd / n.usd, 6) as times_cheaper,                 -- first price over tonight's
    round(b.usd / n.usd, 6) as frontier_ratio,                      -- price of the best model on sale tonight over tonight's
    j.n_points::integer as n_points,                                -- dates in the regression
    j.n_prices::integer as n_prices,                                -- different prices among them
    j.span_days::integer as span_days,                              -- days they span
    case when j.enough and j.slope < 0 then round(-ln(2) / j.slope, 3) end as halving_days,  -- days in which the price halves; NULL: see reason
    case
        when j.enough and j.slope < 0
            then round(-ln(2) / (j.slope - j.t95 * j.error), 3)
    end as halving_lo,  -- lower 90 % limit
    case
        when j.enough and j.slope + j.t95 * j.error < 0
            then round(-ln(2) / (j.slope + j.t95 * j.error), 3)
    end as halving_hi,  -- upper 90 % limit; NULL: it may not be falling at all
    nullif(concat_ws(
        '; ',
        case when n.usd is null then 'nothing on sale reaches this level tonight' end,
        case
            when j.n_prices is null or not j.enough
                then
                    format(
                        '{} price{} over {} days: too few for a trend',
                        coalesce(j.n_prices, 0), case j.n_prices when 1 then '' else 's' end, coalesce(j.span_days, 0)
                    )
            when j.slope >= 0 then 'the price has not fallen'
            when j.slope + j.t95 * j.error >= 0 then 'it may not be falling at all: no upper limit'
        end
    ), '') as reason                                         -- why something is NULL
from stated t
left join judged j using (basis, level_id, side, tier)
left join tonight n using (basis, level_id, side, tier)
left join last_floor f using (basis, level_id, side, tier)
left join best b using (basis)
