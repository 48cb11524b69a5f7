-- Gap rows with a NULL and no reason for it.
select night, scope, edition, tier from marts.gap_index
where reason is null and (gap is null or state is null)
