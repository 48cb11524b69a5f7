-- One row: what this publication was computed from.
-- Key: night
select
    n.night,                                                        -- UTC date of the run
    n.run_id,                                                       -- digest of everything it was computed from
    n.method_version,                                               -- version of METHOD it follows
    n.code_version,                                                 -- version of the program
    r.scope,                                                        -- full: every source was asked for this night; sources, feeds: only some were, so far
    (select count(*) from raw.fetch_result)::integer as answers,  -- addresses asked over all nights
    (select count(*) from staging.observation)::integer as observations              -- score changes known
from input.night n
join raw.run_scope r on r.night = n.night
