-- One row per change of a dated event of a model that counts: `staging.release_seen` without what gate G13 holds.
select r.* from staging.release_seen r
anti join (select * from staging.fact_gate where held <> '') h
    on h.source = r.source and h.name = r.name and h.kind = 'date of ' || r.event and h.known_on = r.known_on
