-- One row per licence tier, side and date from which on other models are its ten ablest: one of these, by its overall
-- ability as known tonight.
with standing as (
    select
        t.tier, case a.tier when 'C' then 'closed' else 'open' end as side, a.model, m.title, b.theta, a.from_on, a.until_on
    from computed.ability b
    join staging.access_span a using (model)
    join staging.resolved_model m using (model)
    cross join licence_tiers() t
    where b.scope = 'overall' and b.theta is not null and (a.tier = 'C' or counts_for(t.tier, a.tier))
),
changes as (
    select tier, side, from_on as valid_from from standing where from_on <= night()
    union
    select tier, side, until_on from standing where until_on <= night()
)
select
    c.tier, c.side, c.valid_from, s.model, s.title,
    c.valid_from = max(c.valid_from) over (partition by c.tier, c.side) as tonight
from changes c
join standing s
    on
        s.tier = c.tier and s.side = c.side and s.from_on <= c.valid_from
        and (s.until_on is null or s.until_on > c.valid_from)
qualify row_number() over (partition by c.tier, c.side, c.valid_from order by s.theta desc, s.model) <= 10
