-- One row per accepted statement of a source on a model's access, with the rank of its evidence (1 is the strongest).
-- Of one source the statements on the plain name count, if there are any.
select
    n.model, n.known or n.developer <> '' as known, c.source, c.name, c.open, c.licence, c.known_on,
    o.name is not null as codename, c.own_repo,
    evidence_rank(c.evidence) as rank
from staging.access_statement_gate c
join staging.resolved_name n on n.source = c.source and n.name = c.name
left join (select name, source from seed.alias where model is null) o
    on o.name = c.name and coalesce(o.source, c.source) = c.source
where c.held = ''
qualify
    (n.variant = '') = bool_or(n.variant = '') over (partition by n.model, c.source)
    and (c.open is not null) = bool_or(c.open is not null) over (partition by n.model)
