-- One row per closed frontier record of tonight and grade: how long until an open-weight model reached it, or not yet.
-- Key: scope, edition, tier, closed_model, grade
with last_news as (
    select scope, edition, max(valid_from) as valid_from from staging.asof_scores group by all
),
records as (
    select r.* from staging.closed_record r join last_news using (scope, edition, valid_from) where r.raised
),
every as (
    select r.*, t.tier, g.grade
    from records r, licence_tiers() t, grades() g
),
tested as (
    select c.scope, c.edition, c.closed_model, t.tier, bool_or(c.underpowered) as underpowered
    from staging.parity_test c join last_news using (scope, edition, valid_from), unnest(c.tiers) t (tier)
    group by all
),
span as (
    select model, max(until_on) filter (where tier = 'C') as until_on from staging.access_span group by model
)
select
    e.scope_kind,                                                   -- board | domain | overall
    e.scope,                                                        -- the board, domain or `overall`
    e.edition,                                                      -- its edition
    e.tier,                                                         -- any | T1
    e.domain,                                                       -- kind of ability
    e.grade,                                                        -- match | parity | lead
    e.model as closed_model,                                        -- the closed frontier record
    c.title as closed_title,                                        -- its name for people
    e.from_on as closed_on,                                         -- date it counts from (API)
    e.value as closed_score,                                        -- its score in the board's unit
    w.open_on - e.from_on as days,                                  -- days to the weights of the first open model that reached it; NULL: none yet
    w.open_on - c.announced_on as announced_days,                   -- the same from the closed record's announcement, which decides nothing; NULL: none yet, or not known
    case
        when w.open_model is null then 'right'
        when w.open_known_on > w.first_seen_on and w.open_known_on > w.open_on then 'interval'
        else 'none'
    end as censored,                                                -- none | right | interval: first scored after its weights, so nobody could know before
    coalesce(w.open_on - e.from_on, coalesce(s.until_on, night()) - e.from_on) as lower_days,  -- it took at least this many days
    case
        when w.open_known_on > w.first_seen_on then greatest(w.open_known_on, w.open_on) - e.from_on
        else w.open_on - e.from_on
    end as upper_days,               -- it was known after this many days; NULL: not yet
    w.open_model,                                                   -- the open model that did it (also the cluster)
    o.title as open_title,                                          -- its name for people
    w.open_on,                                                      -- date of its weights
    w.open_model is null and e.grade <> 'match'
    and (e.stderr is null or coalesce(u.underpowered, false)) as underpowered  -- true: the test has too little power (METHOD section 4)
from every e
left join last_news l on l.scope = e.scope and l.edition = e.edition
left join staging.first_to_reach w
    on
        w.scope = e.scope and w.edition = e.edition and w.valid_from = l.valid_from and w.tier = e.tier and w.grade = e.grade
        and w.closed_model = e.model
left join tested u on u.scope = e.scope and u.edition = e.edition and u.tier = e.tier and u.closed_model = e.model
left join span s on s.model = e.model
left join marts.model c on c.model = e.model
left join marts.model o on o.model = w.open_model
