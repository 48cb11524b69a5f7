-- One row per model, side and tier on a board edition, with the dates between which it counts there.
-- An open model counts as closed until its weights are out (METHOD section 2); unknown access counts nowhere.
-- A new row that waits for a second look is a candidate beside the model's other rows, from the night on which it came:
-- it changes no earlier night.  `dated_on` is the date its model counts from all the same.
with counting as (
    select
        *, false as provisional
    from staging.best_score
    union all by name
    select
        *, true as provisional
    from staging.provisional_score
    where not self_reported
    qualify row_number() over (partition by board, edition, model order by signed desc, known_on, name, listed_as, scored_on) = 1
)
select
    s.tier,
    case when a.tier = 'C' then 'closed' else 'open' end as side,
    b.*,
    a.tier as access_tier, a.licence, a.evidence, a.from_on as dated_on, a.until_on, a.basis as access_basis,
    if(b.provisional, greatest(a.from_on, b.known_on), a.from_on) as from_on,
    d.available_on, d.available_basis, d.weights_on
from counting b
join staging.access_span a using (model)
left join staging.model_date d using (model)
cross join licence_tiers() s
where
    (a.tier = 'C' or counts_for(s.tier, a.tier))
    and (not b.provisional or a.until_on is null or a.until_on > b.known_on)
