-- One row per model and date from which the newest statements of the sources give it an access tier.
-- Only the strongest kind of evidence counts: Hub files under a watched owner, a lab's note, a registry's flag.
-- A board's flag alone never makes a model open (boards are wrong too often): then it is U.  A contradiction of
-- sources of equal rank is U too, and `disagreement` lists both sides.  An unresolved name is U if a board's flag is
-- all its evidence, and always where a reviewed line leaves it unresolved (a lab's model under a code name): its maker
-- and date are unknown, so it sets no frontier.
-- An unknown name of an unknown lab counts once two operators of sources agree on its access, or its lab states it.
-- Flags of one operator alone make no model open (a page that invents a model flags it too), unless one has named a
-- repository of the model's own lab for a week.
-- A source's newest statement counts; a model's first statement holds from the beginning.
-- Weights under a licence with unknown terms are 'T2' (`open_tier`).
with opened as (
    select e.model, count(distinct s.operator) as operators
    from staging.access_evidence e
    join input.source s using (source)
    where e.open
    group by e.model
),
strongest as (
    from staging.access_evidence
    qualify rank = min(rank) over (partition by model) or (not known and min(rank) over (partition by model) > 2)
),
from_beginning as (
    select *, case when known_on = min(known_on) over (partition by model) then date '0001-01-01' else known_on end as since
    from strongest
),
statements_dated as (
    select d.since as valid_from, h.* exclude (since)
    from (select distinct model, since from from_beginning) d
    join from_beginning h on h.model = d.model and h.since <= d.since
    qualify rank() over (partition by d.model, d.since, h.source, h.name order by h.known_on desc) = 1
),
newest as (
    from statements_dated qualify rank() over (partition by model, valid_from, source order by known_on desc) = 1
),
judged as (
    select
        model, valid_from, min(rank) as evidence_rank,
        -- Once a label has turned, who names the lab's own repository knows more than who names none.
        bool_or(open) as says_open,
        bool_or(not open) and not (valid_from > date '0001-01-01' and coalesce(bool_or(open and own_repo), false)) as says_closed,
        bool_or(open and own_repo and known_on <= night() - 7) as own_repo_for_a_week,
        arg_min(licence, (source, licence)) filter (open and licence <> '' and rank < 4) as licence,
        string_agg(distinct source, ', ' order by source) as source,
        bool_or(known) or min(rank) <= 2 as known, bool_or(codename) as codename,
        count(distinct operator) filter (where open is not null) as operators
    from newest
    join (select source, operator from input.source) using (source)
    group by model, valid_from
),
states as (
    select
        j.model, j.valid_from, j.evidence_rank, j.source, coalesce(j.licence, n.licence, '') as licence,
        j.known,
        case
            when j.codename or j.says_open is null or (j.says_open and j.says_closed) then 'U'
            when not j.known and j.operators < 2 then 'U'
            when j.evidence_rank = 4 and j.says_open then 'U'
            when j.evidence_rank = 3 and j.says_open and o.operators < 2 and not coalesce(j.own_repo_for_a_week, false) then 'U'
            when j.says_open then open_tier(l.tier)
            else 'C'
        end as tier
    from judged j
    left join staging.access_licence n using (model)
    left join opened o using (model)
    left join seed.licence l on lower(coalesce(j.licence, n.licence)) = l.licence
)
-- Of a name nobody knows the first thing that two operators agree on holds from the beginning.
select * from states
qualify not (tier = 'U' and not known and coalesce(bool_or(tier <> 'U') over (
    partition by model order by valid_from rows between 1 following and unbounded following
), false))
