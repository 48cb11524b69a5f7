-- What the statements have in common, written once.  A build makes these before its first table; they are not published.
-- A macro is replaced by its text, so each stays true in every DuckDB and costs nothing.

-- The run: one row of `input.night`.
create macro night() as (select night from input.night);                        -- the date a run is for: nothing later counts
create macro method_version() as (select method_version from input.night);      -- version of METHOD that numbers follow
create macro run_id() as (select run_id from input.night);                      -- digest of everything computed from
create macro composite_edition() as 'composite-' || method_version();           -- a composite is comparable within one method

-- Access: T1 unrestricted, T2 restricted, T3 non-commercial, C closed, U unknown (METHOD section 1).
create macro is_open(access_tier) as access_tier in ('T1', 'T2', 'T3');         -- its weights can be downloaded
create macro counts_for(licence_tier, access_tier) as                           -- an open model counts for `any`, an unrestricted one for T1 too
access_tier = 'T1' or (licence_tier = 'any' and access_tier in ('T2', 'T3'));
create macro open_tier(licence_tier) as coalesce(licence_tier, 'T2');            -- of weights under a licence with unknown terms
create macro licence_tiers() as table select unnest(['any', 'T1']) as tier;     -- the tiers every comparison is made for
create macro grades() as table select unnest(['match', 'parity', 'lead']) as grade;     -- the grades of a parity event

-- Evidence on access, the strongest first.
create macro evidence_kinds() as ['hub files', 'release note', 'registry flag', 'board flag'];
create macro evidence_rank(evidence) as coalesce(list_position(evidence_kinds(), evidence), 4);

-- Scores: what is better is more, whichever way the board counts.
create macro better_is_more(better, score) as case better when 'higher' then score else -score end;

-- What was published of an event stays (METHOD section 4): a confirmation is not taken back to provisional, a state's
-- date is not moved, and a new state is later than the night that published the one before.
create macro kept_state(was, now_) as case when was = 'confirmed' and now_ in ('candidate', 'provisional') then was else now_ end;
create macro kept_on(was, now_, was_on, now_on, published_on) as if(was is null, now_on, if(kept_state(was, now_) = was, was_on, least(greatest(now_on, published_on + 1), night())));

-- Intervals (METHOD section 3).  The claims carry one decimal more than the index; both are published, so both stay.
create macro z90() as 1.645;                                                    -- half a two-sided 90 % interval, in standard errors
create macro z90_claim() as 1.6449;                                             -- the same in the claims (METHOD section 7)
create macro z_resolution() as 2.49;                                            -- smallest difference seen with 80 % power, one-sided 95 %
create macro wilson_lo(hits, n) as                                              -- 90 % Wilson interval of a share: hits out of n
(hits / n + 2.7055 / (2 * n) - z90_claim() * sqrt(hits / n * (1 - hits / n) / n + 2.7055 / (4 * n * n))) / (1 + 2.7055 / n);
create macro wilson_hi(hits, n) as
(hits / n + 2.7055 / (2 * n) + z90_claim() * sqrt(hits / n * (1 - hits / n) / n + 2.7055 / (4 * n * n))) / (1 + 2.7055 / n);

-- The grades' tests (METHOD section 4): what passes once is undone only by falling below its line by a standard error.
create macro passes(grade, is_match, is_parity, is_lead) as case grade when 'match' then is_match when 'parity' then is_parity else is_lead end;
create macro still_holds(grade, difference, margin, standard_error) as coalesce(case grade
    when 'match' then difference >= 0
    when 'parity' then difference - z90() * standard_error >= -margin - standard_error
    else difference - z90() * standard_error >= -standard_error
end, false);

-- Domains: below this share of evidence of its own an ability there is mostly the overall index, and makes no record.
create macro least_share() as 0.2;

-- Prices: how many times two prices of a model are apart, by the side (read or written) that differs more; at least 1.
create macro price_ratio(a_read, a_written, b_read, b_written) as
exp(greatest(abs(ln(a_read / b_read)), abs(ln(a_written / b_written))));
