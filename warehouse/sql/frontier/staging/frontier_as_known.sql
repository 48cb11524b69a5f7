-- One row per scope, edition, tier, Monday of the last two years and night of knowledge: gap and lag of that Monday as
-- known on the night itself, one to nine weeks later, and now (METHOD section 2, two clocks; `staging.revision_week`).
-- `horizon` is how many days later; NULL: as known now.  A Monday is in it from the first night on which its edition was
-- known.  Levels are as they were known; access is restated in every row, for when we learned of it is not kept.  Gap and
-- lag are those of `gap_index`, by the same bracket as in `reached`; NULL where the record does not go back far enough.
-- Parts: scope, by staging.level_history.scope, staging.followed_edition.scope, staging.scope_access.scope
with scopes as (
    select *, row_number() over (order by scope, edition) as id from staging.followed_edition
),
levels as (
    select s.id, s.scope, s.first_on, p.model, p.signed, v.known_on
    from staging.level_history p
    join scopes s on s.scope = p.scope and s.edition = p.edition
    join (select distinct known_on from staging.revision_week) v
        on v.known_on >= p.known_from and v.known_on < coalesce(p.known_to, date '9999-12-31')
),
known as (
    select l.id, l.first_on, s.tier, l.known_on, s.closed, s.from_on, s.until_on, l.signed
    from levels l
    join staging.scope_access s on s.scope = l.scope and s.model = l.model and s.from_on <= l.known_on
),
records as (
    -- A model that came later than another that stays, and is no better, neither leads nor bounds a lag.
    select * from known
    qualify signed > coalesce(max(signed) filter (until_on = date '9999-12-31') over (
        partition by id, tier, known_on, closed order by from_on, until_on desc, signed desc
        rows between unbounded preceding and 1 preceding
    ), '-infinity'::double)
),
counting as (
    select r.id, r.tier, r.known_on, v.as_of, v.horizon, r.closed, r.from_on, r.signed
    from records r
    join staging.revision_week v
        on v.known_on = r.known_on and v.as_of >= r.from_on and v.as_of < r.until_on and v.as_of >= r.first_on
),
pursuit as (
    select
        id, tier, as_of, known_on, horizon,
        max(signed) filter (closed) as closed_signed, max(signed) filter (not closed) as open_signed,
        closed_signed >= open_signed as closed_leads, least(closed_signed, open_signed) as level
    from counting
    group by all
    having closed_signed is not null and open_signed is not null
),
above as (
    select p.*, min(c.from_on) as above_on, arg_min(c.signed, (c.from_on, -c.signed)) as above_signed
    from pursuit p
    join counting c
        on
            c.id = p.id and c.tier = p.tier and c.as_of = p.as_of and c.known_on = p.known_on
            and c.closed = p.closed_leads and c.signed >= p.level
    group by all
),
below as (
    select a.*, max(c.signed) as below_signed, arg_min(c.from_on, (-c.signed, c.from_on)) as below_on
    from above a
    left join counting c
        on
            c.id = a.id and c.tier = a.tier and c.as_of = a.as_of and c.known_on = a.known_on
            and c.closed = a.closed_leads and c.from_on < a.above_on
    group by all
)
select
    s.scope_kind, s.scope, s.edition, b.tier, b.as_of, b.horizon,
    b.closed_signed - b.open_signed as gap,
    case
        when b.closed_leads then 1 else -1 end * (
        b.as_of - b.below_on - (b.above_on - b.below_on)
        * (b.level - b.below_signed) / (b.above_signed - b.below_signed)
    ) as lag_days
from below b
join scopes s using (id)
