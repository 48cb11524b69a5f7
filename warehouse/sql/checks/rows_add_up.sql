-- Tables whose rows do not add up: seen = accepted + quarantined + excluded.
select source, page_key, board, edition, seen, accepted, quarantined, excluded
from staging.snapshot where seen <> accepted + quarantined + excluded
