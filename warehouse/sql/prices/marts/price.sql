-- One row per change of a list price in USD per million tokens, with the night since which we know it.
-- A price that gate G12 holds is in `quarantine` and not here.
-- Key: model, source, provider, name, known_on, input_usd, output_usd
-- Latest: qualify known_on = max(known_on) over (partition by model, source, provider, name)
with stated as (
    select r.source, r.name, r.provider, r.input_usd, r.output_usd, r.valid_from, p.from_night as known_on, p.url, p.sha256
    from staging.page_seen p
    join raw.price r on r.source = p.source and r.page_key = p.page_key
    union all by name
    select source, name, provider, input_usd, output_usd, valid_from, known_on, url, sha256
    from history.price where input_usd is not null
),
counted as (
    select s.* from stated s
    anti join (select * from staging.price_gate where held <> '') h
        on
            h.source = s.source and h.name = s.name and h.provider = s.provider and h.known_on = s.known_on
            and h.valid_from is not distinct from s.valid_from and h.sha256 = s.sha256
),
changed as (
    select * from counted
    qualify (input_usd, output_usd) is distinct from lag((input_usd, output_usd)) over (
        partition by source, name, provider, valid_from order by known_on, url, sha256, input_usd, output_usd
    )
)
select
    n.model,                                                        -- the model's key
    c.source,                                                       -- where it was read
    c.provider,                                                     -- who asks this price
    c.name,                                                         -- the name as written
    c.input_usd,                                                    -- USD per million input tokens
    c.output_usd,                                                   -- USD per million output tokens
    c.valid_from,                                                   -- date the source gives, if any
    c.known_on,                                                     -- night since which we know
    c.url,                                                          -- live address of the page
    c.sha256                                                        -- of the page in the archive
from changed c
join staging.resolved_name n on n.source = c.source and n.name = c.name
