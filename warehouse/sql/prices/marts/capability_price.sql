-- One row per capability level, side, tier and stretch of dates with one cheapest offer among the models that reach it.
-- Key: basis, level_id, kind, side, tier, from_on
-- Latest: where until_on is null
with offer as (
    select * from staging.price_interval where counts_as = 'any'
),
turn as (
    select f.*, o.model, o.provider, o.usd
    from staging.price_floor f
    left join offer o using (place)
    window line as (partition by f.basis, f.level_id, f.side, f.tier order by f.valid_from)
    qualify
        (o.model, o.provider, o.usd)
        is distinct from (lag(o.model) over line, lag(o.provider) over line, lag(o.usd) over line)
),
stretch as (
    select *, lead(valid_from) over (partition by basis, level_id, side, tier order by valid_from) as until_on from turn
)
select
    s.basis,                                                        -- what `usd` is: blended list price (3 tokens read to 1 written) | cost per task: <board>
    s.level_id,                                                     -- the level's key in the seed
    l.kind,                                                         -- fixed | model | leader (of tonight) | frontier (best on sale that day)
    l.title,                                                        -- the level in words
    l.level,                                                        -- on the composite's scale; NULL: it moves
    s.side,                                                         -- open | closed | any: which models may do it
    s.tier,                                                         -- any | T1: licence tier of open models
    s.valid_from as from_on,                                              -- first date of this price
    s.until_on,                                                     -- date another took its place; NULL: still so tonight
    o.usd,                                           -- USD per million tokens, blended; or USD per task
    o.input_usd,                                                    -- USD per million tokens read; NULL: a cost per task
    o.output_usd,                                                   -- USD per million tokens written; NULL: a cost per task
    o.model,                                                        -- the cheapest model that reaches the level
    l.theta,                                                        -- its ability
    l.lo,                                                           -- lower end of its 90 % interval
    o.provider,                                                     -- who sells it, empty for a cost per task
    o.source,                                                       -- the price list, or the board
    o.name,                                                         -- the name as the source writes it
    o.from_basis,                                                   -- how the offer's date is known
    o.known_on,                                                     -- night since which we know the offer
    o.url,                                                          -- live address of the page
    o.sha256                                                        -- of the page in the archive
from stretch s
join offer o on o.place = s.place
join staging.price_level l on l.level_id = s.level_id and l.model = o.model
