-- One row per instrument, model and stretch of nights on which we knew one share: what the composite is fitted to.
select p.board, p.edition, p.model, i.domain, i."group", i.operator, p.known_from, p.known_to, p.share, p.share_stderr
from staging.score_interval p
join staging.instrument i using (board, edition)
where p.share is not null
