-- One row per scope and edition of which revisions are counted, and the first night on which we knew a level of it: the
-- newest edition of a board, any other that is neither frozen nor ended, and the composites.
select p.scope_kind, p.scope, p.edition, min(p.known_from) as first_on
from staging.level_history p
left join staging.edition_seen e on e.board = p.scope and e.edition = p.edition
left join staging.board_rhythm b on b.board = p.scope
where
    p.scope_kind <> 'board' or e.newest
    or e.ended_on is null and night() - e.observed_on <= b.frozen_after_days
group by p.scope_kind, p.scope, p.edition
