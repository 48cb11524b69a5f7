-- One row per parity event whose two models both have a stated training compute: open over closed.
-- Key: event_id
with flop as (
    select model, value as flop, source
    from staging.spec_by_source
    where quantity = 'training_flop' and value > 0
    qualify row_number() over (partition by model order by place) = 1
)
select
    e.event_id,                                                     -- the event in parity_event
    e.scope_kind,                                                   -- board | domain | overall
    e.scope,                                                        -- the board, the domain or `overall`
    e.edition,                                                      -- its edition
    e.tier,                                                         -- any | T1
    e.grade,                                                        -- match | parity | lead
    e.state,                                                        -- state of the event; a retracted one counts for nothing
    e.closed_model,                                                 -- the closed record
    e.open_model,                                                   -- the open model that reached it
    e.days,                                                         -- days between them
    c.flop as closed_flop,                                          -- training compute of the closed model, FLOP
    c.source as closed_source,                                      -- who states it
    o.flop as open_flop,                                            -- training compute of the open model, FLOP
    o.source as open_source,                                        -- who states it
    round(o.flop / c.flop, 9) as ratio                              -- open over closed; below 1: open did it with less
from marts.parity_event e
join flop c on c.model = e.closed_model
join flop o on o.model = e.open_model
