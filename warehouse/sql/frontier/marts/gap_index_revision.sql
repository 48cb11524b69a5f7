-- One row per night, scope, edition and tier that was published and has another figure tonight (METHOD section 2).
-- Key: scope, edition, tier, night
select
    v.night,                                                        -- UTC date the row is for
    v.scope_kind,                                                   -- board | domain | overall
    v.scope,                                                        -- the board, domain or `overall`
    v.edition,                                                      -- its edition
    v.tier,                                                         -- any | T1
    v.gap as gap_then,                                              -- gap as published that night
    g.gap as gap_now,                                               -- gap as restated tonight; NULL: no longer in the index
    round(g.gap - v.gap, 9) as gap_revised,                         -- by how much it was revised
    v.lag_days as lag_then,                                         -- age of capability as published
    g.lag_days as lag_now,                                          -- age of capability as restated
    round(g.lag_days - v.lag_days, 3) as lag_revised,               -- days by which it was revised
    (v.closed_model is distinct from g.closed_model) as closed_changed,  -- another model leads closed now
    (v.open_model is distinct from g.open_model) as open_changed,     -- another model leads open now
    v.run_id as run_then,                                           -- the run that published it
    night() as revised_on                    -- the night with the new figure
from marts.gap_index_vintage v
left join marts.gap_index g using (night, scope, edition, tier)
-- A composite of an earlier version of the method is another edition: it goes no further, and is not revised.
where
    (g.night is not null or v.method_version = method_version())
    and (v.gap, v.lag_days, v.closed_model, v.open_model) is distinct from (g.gap, g.lag_days, g.closed_model, g.open_model)
