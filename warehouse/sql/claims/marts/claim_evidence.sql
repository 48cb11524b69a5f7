-- One row per claim, figure, scope and licence tier: the estimate, its interval and its own verdict (METHOD section 7).
-- Key: claim_id, part, scope, tier, role
with evidence as (
    select * from staging.claim_catch_up
    union all by name
    select * from staging.claim_record_duration
    union all by name
    select * from staging.claim_subject
    union all by name
    select * from staging.claim_trend
    union all by name
    select * from staging.claim_gap
    union all by name
    select * from staging.claim_advance
    union all by name
    select * from staging.claim_service
    union all by name
    select * from staging.claim_price
    union all by name
    select * from staging.claim_open
),
judged as (
    select
        r.*, e.* exclude (claim_id, part),
        coalesce(e.lo, '-infinity'::double) as least, coalesce(e.hi, 'infinity'::double) as most,
        coalesce(r.lower, '-infinity'::double) as bottom, coalesce(r.upper, 'infinity'::double) as top,
        least(abs(e.estimate - r.lower), abs(e.estimate - r.upper)) as room
    from evidence e
    join marts.claim_rule r using (claim_id, part)
)
select
    claim_id,                                                       -- the claim
    part,                                                           -- the figure: see claim_rule
    scope,                                                          -- what it is taken over: overall, a domain, boards, a lab, a level
    tier,                                                           -- any | T1: licence tier of open models
    role,                                                           -- headline: the claim is judged by it; counts: it can contradict; shown: for the reader
    round(estimate, 6) as estimate,                                 -- the figure; NULL: cannot be given
    round(lo, 6) as lo,                                             -- lower end of its interval; NULL with a hi: no lower limit
    round(hi, 6) as hi,                                             -- upper end; NULL with a lo: no upper limit
    unit,                                                           -- unit of the three
    interval,                                                       -- what lo and hi are
    n,                                                              -- how many stand behind it
    n_what,                                                         -- of what
    n_boards,                                                       -- boards behind it; NULL: not from boards alone
    missing,                                                        -- true: no source knows the thing the claim is about
    case
        when missing then 'subject missing'
        when tolerance is null then null
        when estimate is null and lo is null then if(coalesce(n, 0) = 0, 'not measured', 'undecided')
        when lo is null and hi is null then 'undecided'
        when least >= bottom and most <= top then 'supported'
        when most < bottom or least > top then 'refuted'
        else 'undecided'
    end as verdict,                                                 -- supported: interval inside the tolerance; refuted: outside; undecided: neither; subject missing; not measured; NULL: not judged
    case
        when
            room > 0 and interval[1] = '9' and isfinite(least) and isfinite(most) and not (least >= bottom and most <= top)
            and not (most < bottom or least > top)
            then ceil(n * ((hi - lo) / 2 / room) ** 2)::bigint
    end as n_to_decide,  -- of n_what would decide at this estimate, if intervals shrink with their root; NULL: decided, or cannot be computed
    nullif(note, '') as note                                        -- what a reader must know beside the figure
from judged
