-- Gap rows that say nothing about a number and do not say why.
select night, scope, edition, tier from marts.gap_index
where reason is null and (gap is null or state is null)
