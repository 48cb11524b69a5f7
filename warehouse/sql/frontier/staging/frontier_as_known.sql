-- One row per scope, edition, tier, Monday of the last two years and night of knowledge: gap and lag of that Monday as
-- known on the night itself, one to nine weeks later, and tonight (METHOD section 2, two clocks).
-- `horizon` is how many days later; NULL: tonight.  Mondays, because the composite's past is fitted on Mondays.  A
-- Monday is in it once it is 63 days old, and from the first night on which its edition was known.  Levels are as they
-- were known; access is restated in every row, for when we learned of it is not kept.  Gap and lag are those of
-- `gap_index`, by the same bracket as in `reached`; NULL where the record does not go back far enough.
with weeks as (
    select date_trunc('week', night() - 63)::date - 7 * ago::integer as as_of, night() as night
    from range(104) r (ago)
),
views as (
    select as_of, horizon::integer as horizon, as_of + horizon::integer as known_on from weeks, range(0, 64, 7) r (horizon)
    union all
    select as_of, null, night from weeks
),
scopes as (
    select
        row_number() over (order by p.scope, p.edition) as id, p.scope_kind, p.scope, p.edition,
        min(p.known_from) as first_on
    from staging.level_history p
    left join staging.edition_seen e on e.board = p.scope and e.edition = p.edition
    left join staging.board_rhythm b on b.board = p.scope
    where
        p.scope_kind <> 'board' or e.newest
        or e.ended_on is null and night() - e.observed_on <= b.frozen_after_days
    group by p.scope_kind, p.scope, p.edition
),
sides as (
    select
        t.tier, s.model, s.tier = 'C' as closed, s.from_on, coalesce(s.until_on, date '9999-12-31') as until_on
    from staging.access_span s
    join licence_tiers() t on s.tier = 'C' or counts_for(t.tier, s.tier)
),
levels as (
    select s.id, s.first_on, p.model, p.signed, v.known_on
    from staging.level_history p
    join scopes s on s.scope = p.scope and s.edition = p.edition
    join (select distinct known_on from views) v
        on v.known_on >= p.known_from and v.known_on < coalesce(p.known_to, date '9999-12-31')
),
known as (
    select l.id, l.first_on, s.tier, l.known_on, s.closed, s.from_on, s.until_on, l.signed
    from levels l
    join sides s on s.model = l.model and s.from_on <= l.known_on
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
    join views v
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
    s.scope_kind, s.scope, s.edition, b.tier, b.as_of, b.horizon, b.known_on,
    b.closed_signed - b.open_signed as gap,
    case
        when b.closed_leads then 1 else -1 end * (
        b.as_of - b.below_on - (b.above_on - b.below_on)
        * (b.level - b.below_signed) / (b.above_signed - b.below_signed)
    ) as lag_days
from below b
join scopes s using (id)
