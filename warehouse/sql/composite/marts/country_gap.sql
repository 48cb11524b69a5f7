-- One row per night on which a leader changed, composite, tier and pair of countries: closed models of one country, open of another.
-- Key: scope, tier, closed_country, open_country, from_on
-- Latest: where until_on is null
select
    b.valid_from as from_on,                                              -- since which date the row holds
    b.next_on as until_on,                                          -- until which date; NULL: tonight
    b.scope,                                                        -- overall, or a domain
    b.tier,                                                         -- any | T1
    b.closed_country,                                               -- country of the closed models' developers: US
    b.open_country,                                                 -- country of the open models' developers: CN | US
    b.closed_model,                                                 -- model at the closed frontier
    round(b.closed_theta, 3) as closed_score,                       -- its ability
    b.open_model,                                                   -- model at the open frontier
    round(b.open_theta, 3) as open_score,                           -- its ability
    round(b.gap, 3) as gap,                                         -- closed minus open, index points; negative: open leads
    round(b.gap_lo, 3) as gap_lo,                                   -- lower 90 % limit
    round(b.gap_hi, 3) as gap_hi,                                   -- upper 90 % limit
    case
        when least(b.closed_share, b.open_share) < least_share() then null
        else round(b.ahead_sign * ((least(n.night, coalesce(b.next_on - 1, n.night)) - date '1970-01-01') - b.since), 3)
    end as lag_days,                                                -- age of capability on the row's last night, interpolated; NULL: the record does not go back so far, or mostly overall
    b.n_closed::integer as n_closed,                                -- closed models that count
    b.n_open::integer as n_open,                                    -- open models that count
    case
        when b.closed_model is null or b.open_model is null then 'one side has no model'
        when least(b.closed_share, b.open_share) < least_share() then 'mostly overall: too little evidence of this domain for a lag'
    end as reason,                                                  -- why something is NULL
    n.method_version                                                -- version of METHOD this follows
from computed.country_band b
cross join input.night n
