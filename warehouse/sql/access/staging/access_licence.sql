-- One row per model that a source calls open under a named licence: that of the strongest and newest evidence.
select model, arg_min(licence, (rank, source, -epoch(known_on), licence)) as licence
from staging.access_evidence where open and licence <> '' and rank < 4
group by model
