-- One row per closed record, grade, tier and open model that was ever the first to reach it, as known on some night,
-- and how the two compare tonight (METHOD section 4).
-- Parts: scope, by staging.first_to_reach.scope, staging.parity_test.scope, staging.asof_scores.scope, staging.closed_record.scope, staging.first_holding.scope
with first_time as (
    select
        scope, edition, tier, grade, closed_model, open_model,
        arg_min(struct_pack(
            scope_kind := scope_kind, domain := domain, closed_score := closed_score, closed_on := closed_on,
            open_score := open_score, open_on := open_on, difference := difference, margin := margin,
            standard_error := standard_error, n_instruments := n_instruments, third_party := third_party,
            first_seen_on := first_seen_on, levels_from := levels_from
        ), valid_from) as then_,
        min(valid_from) as known_on
    from staging.first_to_reach
    group by all
),
last_news as (
    select scope, edition, max(valid_from) as valid_from from staging.asof_scores group by all
),
tonight as (
    select c.* from staging.parity_test c join last_news using (scope, edition, valid_from)
),
records_tonight as (
    select r.scope, r.edition, r.model from staging.closed_record r join last_news using (scope, edition, valid_from)
),
-- The first night of news on which the two passed, and the last on which the event still held: undone is more than no
-- longer passing, by a standard error.
holding as (
    select
        f.scope, f.edition, f.tier, f.grade, f.closed_model, f.open_model,
        min(c.valid_from) filter (where passes(f.grade, c.is_match, c.is_parity, c.is_lead)) as passed_on,
        max(c.valid_from) filter (where still_holds(f.grade, c.difference, c.margin, c.standard_error)) as held_on
    from first_time f
    join staging.parity_test c
        on
            c.scope = f.scope and c.edition = f.edition and c.closed_model = f.closed_model and c.open_model = f.open_model
            and list_contains(c.tiers, f.tier)
    group by all
),
-- The last night of news on which it was the first to reach that record.
standing as (
    select scope, edition, tier, grade, closed_model, open_model, max(valid_from) as stood_on
    from staging.first_to_reach
    group by all
),
news as (
    select distinct scope, edition, valid_from from staging.asof_scores
)
select
    f.* exclude (then_), unnest(f.then_),
    (select min(n.valid_from) from news n where n.scope = f.scope and n.edition = f.edition and n.valid_from > h.held_on) as undone_on,
    (select min(n.valid_from) from news n where n.scope = f.scope and n.edition = f.edition and n.valid_from > p.stood_on) as replaced_on,
    t.difference as difference_tonight,
    coalesce(a.open_model <> f.open_model and h.passed_on < f.known_on, false) as first_by_a_hair,
    passes(f.grade, t.is_match, t.is_parity, t.is_lead) as passes_tonight,
    not still_holds(f.grade, t.difference, t.margin, t.standard_error) as undone,
    r.model is not null as is_record_tonight,
    w.open_model as first_tonight
from first_time f
join holding h using (scope, edition, tier, grade, closed_model, open_model)
join standing p using (scope, edition, tier, grade, closed_model, open_model)
left join staging.first_holding a
    on
        a.scope = f.scope and a.edition = f.edition and a.tier = f.tier and a.grade = f.grade
        and a.closed_model = f.closed_model and a.valid_from = f.known_on
left join tonight t
    on
        t.scope = f.scope and t.edition = f.edition and t.closed_model = f.closed_model and t.open_model = f.open_model
        and list_contains(t.tiers, f.tier)
left join records_tonight r on r.scope = f.scope and r.edition = f.edition and r.model = f.closed_model
left join last_news l on l.scope = f.scope and l.edition = f.edition
left join staging.first_to_reach w
    on
        w.scope = f.scope and w.edition = f.edition and w.valid_from = l.valid_from and w.tier = f.tier and w.grade = f.grade
        and w.closed_model = f.closed_model
