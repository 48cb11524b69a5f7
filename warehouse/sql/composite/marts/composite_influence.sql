-- One row per composite, tier and group of instruments: what tonight's gap would be without that group.
-- Tonight's two leaders are fixed: only their distance changes, not which models they are.
-- Key: scope, tier, group
with leaders as (
    select scope, tier, closed_model, open_model, gap
    from computed.ability_band
    where next_on is null and gap is not null
)
select
    l.scope,                                                        -- domain or `overall`
    l.tier,                                                         -- any | T1
    c."group",                                                      -- instruments of one group count as one: they measure the same thing again
    l.closed_model,                                                 -- the closed leader tonight
    l.open_model,                                                   -- the open leader tonight
    round(c.moved, 3) as closed_pull,                               -- index points by which the group raises the closed leader
    round(o.moved, 3) as open_pull,                                 -- index points by which it raises the open leader
    round(l.gap - (c.moved - o.moved), 3) as gap_without            -- the gap if this group were not there
from leaders l
join computed.jackknife c on c.scope = l.scope and c.model = l.closed_model
join computed.jackknife o on o.scope = l.scope and o.model = l.open_model and o."group" = c."group"
