-- Gap rows that are not the difference of their two scores, or that have a gap with a side missing.
select night, scope, edition, tier, gap, closed_score, open_score
from marts.gap_index
where
    (gap is null) <> (closed_score is null or open_score is null)
    or abs(abs(closed_score - open_score) - abs(gap)) > 1e-6
