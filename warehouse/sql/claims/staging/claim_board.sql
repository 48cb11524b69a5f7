-- One row per board that counts for the index, in its newest edition: what stands behind a pool of boards.
select
    g.scope as board, g.edition, g.domain, g.closed_model, g.open_model, g.gap, g.gap_lo, g.gap_hi, b.better
from marts.gap_index g
join marts.benchmark b on b.board = g.scope
where g.scope_kind = 'board' and g.tier = 'any' and g.night = night() and b.counts_for_index
qualify row_number() over (partition by g.scope order by g.observed_on desc, g.edition desc) = 1
