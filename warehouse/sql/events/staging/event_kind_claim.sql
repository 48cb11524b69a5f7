-- One row per claim whose verdict changed for at least a week as an event.
select
    sha256(concat_ws('|', 'claim-changed', claim_id, night, verdict, '1')) as event_id, 'claim-changed' as kind,
    'confirmed' as state, 'claim' as scope_kind, claim_id as scope, '' as edition, '' as tier, '' as domain,
    '' as grade, null::varchar as model, null::varchar as other_model, since as happened_on, night as known_on, night as state_on,
    true as counts, false as backfilled,
    format('Verdict on "{}" is now {}; it was {}', claim, verdict, before_verdict) as headline,
    to_json(struct_pack(
        claim_id := claim_id, claim := claim, measure := measure, unit := unit, explanation := explanation,
        n_boards := n_boards,
        "before" := struct_pack(
            night := before_on, verdict := before_verdict, estimate := before_estimate, lo := before_lo,
            hi := before_hi
        ),
        now := struct_pack(night := night, verdict := verdict, estimate := estimate, lo := lo, hi := hi)
    ))::varchar as facts
from staging.event_claim
