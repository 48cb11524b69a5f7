-- One row per change of a quantity of a model that counts: `staging.spec_seen` without what gate G13 holds.
select s.* from staging.spec_seen s
anti join (select * from staging.fact_gate where held <> '') h
    on h.source = s.source and h.name = s.name and h.kind = s.quantity and h.known_on = s.known_on
