-- One row per model and change of the tier that the sources give it, with the date from which it holds.
-- `closed_from_on`: an open model counts as closed between its release and its weights; a first listing in a registry
-- is not a release.
with flips as (
    select *, row_number() over (partition by model order by valid_from) = 1 as first
    from staging.access_state
    qualify tier is distinct from lag(tier) over (partition by model order by valid_from)
)
select
    f.model, f.tier, f.licence, f.evidence_rank, f.source, 'sources' as basis, f.first,
    evidence_kinds()[f.evidence_rank] as evidence,
    case
        when not f.first and is_open(f.tier) and d.weights_on < f.valid_from and d.weights_on > d.available_on
            then d.weights_on
        when not f.first then f.valid_from
        when is_open(f.tier) then coalesce(d.weights_on, greatest(d.available_on, d.hub_created_on))
        else d.available_on
    end as from_on,
    case
        when
            f.first and is_open(f.tier) and d.available_on < d.weights_on
            and d.available_basis <> 'registry: first listed' then d.available_on
    end as closed_from_on
from flips f
join staging.model_date d using (model)
