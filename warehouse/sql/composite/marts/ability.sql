-- One row per scope of the composite and model scored in it: its ability tonight, or why it cannot be placed.
-- Scale: Claude 3.5 Sonnet (June 2024) 130, GPT-5 150. To compare two models use ability_draw: their intervals are not
-- independent.
-- Key: scope, model
select
    a.scope,                                                        -- overall, or a domain
    a.model,                                                        -- the model
    n.title,                                                        -- its name for people
    a.theta,                                                        -- its ability, index points; NULL: see reason
    a.lo,                                                           -- lower end of the 90 % interval
    a.hi,                                                           -- upper end of the 90 % interval
    a.delta,                                                        -- offset of the domain from overall, index points; NULL overall
    a.share,                                                        -- how much of a domain's ability is evidence of the domain: 0 would be overall again; NULL overall
    a.n_instruments,                                                -- independent instruments it was scored on
    b.n_operators::integer as n_operators,                          -- operators that scored it; NULL: not placed
    b.operator,                                                     -- the one whose boards carry most of its precision
    round(b.share, 4) as operator_share,                            -- how much of it they carry: above 0.5 it is mostly one operator's word
    a.n_shared,                                                     -- of these, shared with at least 10 other models
    a.provisional,                                                  -- placed for less than a week: scored with the items as the others made them
    a.reason,                                                       -- why it has no ability; empty: it has one
    night.night,                                                    -- the night this is for
    night.method_version                                            -- version of the method
from computed.ability a
join staging.resolved_model n using (model)
left join staging.operator_basis b on b.scope = a.scope and b.model = a.model
cross join input.night night
