-- One row per list price (gate G12), quantity or date of a model (G13) that was held, or let in by a witness or a later
-- reading.
with judged as (
    select
        known_on, source, name, 'G12' as gate, rule, 'prices' as "of", step, held, believed_on, provider as about, url, sha256
    from staging.price_gate
    where rule <> ''
    union all by name
    select known_on, source, name, 'G13' as gate, rule, 'facts' as "of", step, held, believed_on, kind as about, url, sha256
    from staging.fact_gate
    where rule <> ''
)
select
    known_on as night, source, name, gate, rule, case when held = '' then 'pass' else 'held' end as outcome, "of",
    round(step, 3) as measured,
    concat_ws(': ', nullif(about, ''), case when held = '' then format('counts since {}', believed_on) else held end)
        as explanation,
    known_on as first_on, url, sha256
from judged
