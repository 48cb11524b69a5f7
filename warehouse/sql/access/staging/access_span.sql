-- One row per model and stretch of dates on which it had one access tier, with the evidence for it.
-- Reviewed seed lines come first; without one the sources decide.  A source's newest statement counts, the one on
-- the plain name if there is one.  A statement that was withdrawn ends its stretch; the first one holds from the
-- beginning.
-- Only the strongest kind of evidence counts: Hub files under a watched owner, a lab's note, a registry's flag.
-- A board's flag alone never makes a model open (boards are wrong too often): then it is U.  A contradiction of
-- sources of equal rank is U too, and `disagreement` lists both sides.  An unresolved name is U if a board's flag is
-- all its evidence, and always where a reviewed line leaves it unresolved (a lab's model under a code name): its maker
-- and date are unknown, so it sets no frontier.
-- An open model counts as closed between its release and its weights; a first listing in a registry is not a release.
-- A seed overrules only what it states: without a licence it takes that of the sources, and where it has closed,
-- weights that come out afterwards (files on the Hub, or a changed label with a second witness) are accepted.
-- An unknown name of an unknown lab counts once two operators of sources agree on its access, or its lab states it.
-- A later dated checkpoint without statements of its own has the access of its release at that time.
with claims as (
    select
        n.model, n.known or n.developer <> '' as known, c.source, c.name, c.open, c.licence, c.known_on,
        o.name is not null as codename, c.own_repo,
        evidence_rank(c.evidence) as rank
    from staging.access_statement_gate c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
    left join (select name, source from seed.alias where model is null) o
        on o.name = c.name and coalesce(o.source, c.source) = c.source
    where c.held = ''
    qualify
        (n.variant = '') = bool_or(n.variant = '') over (partition by n.model, c.source)
        and (c.open is not null) = bool_or(c.open is not null) over (partition by n.model)
),
licensed as (
    select model, arg_min(licence, (rank, source, -epoch(known_on), licence)) as licence
    from claims where open and licence <> '' and rank < 4
    group by model
),
from_seed as (
    select
        a.model,
        case
            when a.tier = 'C' or a.licence is not null then a.tier
            when a.tier <> 'U' then coalesce(l.tier, a.tier) else a.tier
        end as tier,
        a.from_on, coalesce(a.licence, case when is_open(a.tier) then n.licence end, '') as licence,
        a.evidence, a.evidence_rank, a.source, 'seed' as basis, a.known_on
    from seed.access a
    left join licensed n using (model)
    left join seed.licence l on l.licence = lower(n.licence)
),
strongest as (
    from claims
    qualify rank = min(rank) over (partition by model) or (not known and min(rank) over (partition by model) > 2)
),
known_models as (
    select *, case when known_on = min(known_on) over (partition by model) then date '0001-01-01' else known_on end as since
    from strongest
),
statements_dated as (
    select d.since as valid_from, h.* exclude (since)
    from (select distinct model, since from known_models) d
    join known_models h on h.model = d.model and h.since <= d.since
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
        arg_min(licence, (source, licence)) filter (open and licence <> '' and rank < 4) as licence,
        string_agg(distinct source, ', ' order by source) as source,
        bool_or(known) or min(rank) <= 2 as known, bool_or(codename) as codename,
        count(distinct split_part(source, '-', 1)) filter (where open is not null) as operators
    from newest
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
            when j.says_open then coalesce(l.tier, 'T2')
            else 'C'
        end as tier
    from judged j
    left join licensed n using (model)
    left join seed.licence l on lower(coalesce(j.licence, n.licence)) = l.licence
),
settled as (
    -- Of a name nobody knows the first thing that two operators agree on holds from the beginning.
    select * from states
    qualify not (tier = 'U' and not known and coalesce(bool_or(tier <> 'U') over (
        partition by model order by valid_from rows between 1 following and unbounded following
    ), false))
),
flips as (
    select *, row_number() over (partition by model order by valid_from) = 1 as first
    from settled
    qualify tier is distinct from lag(tier) over (partition by model order by valid_from)
),
from_sources as (
    select
        f.model, f.tier, f.licence, f.evidence_rank, f.source, 'sources' as basis, f.first,
        evidence_kinds()[f.evidence_rank] as evidence,
        case
            when not f.first and is_open(f.tier) and d.weights_on < f.valid_from and d.weights_on > d.available_on
                then d.weights_on
            when not f.first then f.valid_from
            when is_open(f.tier) then coalesce(d.weights_on, greatest(d.available_on, d.hub_created_on))
            else d.available_on
        end as from_on,
        case
            when
                f.first and is_open(f.tier) and d.available_on < d.weights_on
                and d.available_basis <> 'registry: first listed' then d.available_on
        end as closed_from_on
    from flips f
    join staging.model_date d using (model)
),
seeded as (
    select model, max(from_on) as from_on, max(known_on) as known_on, arg_max(tier, from_on) as tier
    from from_seed group by model
),
opened as (
    select f.* exclude (closed_from_on, first)
    from from_sources f
    join seeded s using (model)
    where s.tier = 'C' and is_open(f.tier) and f.from_on > s.from_on and (f.evidence_rank = 1 or not f.first)
    qualify row_number() over (partition by f.model order by f.from_on) = 1
),
inherited as (
    select
        n.model, s.tier, greatest(s.from_on, n.available_on) as from_on, s.licence, s.evidence, s.evidence_rank,
        'that of its release ' || n.checkpoint_of as source, 'sources' as basis
    from (
        select model, checkpoint_of, coalesce(dated_on, available_on) as available_on
        from staging.resolved_model join staging.model_date using (model)
    ) n
    join (select *, lead(from_on) over (partition by model order by from_on) as until_on from from_seed) s
        on s.model = n.checkpoint_of and coalesce(s.until_on > n.available_on, true)
    where n.model not in (select model from from_sources where tier <> 'U')
),
every as (
    select * exclude (known_on) from from_seed
    union all by name
    select * from opened
    union all by name
    select * exclude (closed_from_on, first) from from_sources
    where model not in (select model from seeded) and model not in (select model from inherited)
    union all by name
    select * exclude (closed_from_on, first) replace ('C' as tier, closed_from_on as from_on, '' as licence)
    from from_sources
    where
        closed_from_on is not null and model not in (select model from seeded)
        and model not in (select model from inherited)
    union all by name
    select * from inherited where model not in (select model from seeded)
),
begun as (
    select * from every where from_on <= night()
    qualify row_number() over (partition by model, from_on order by evidence_rank, tier) = 1
)
select
    model, tier, from_on,
    lead(from_on) over (partition by model order by from_on) as until_on,
    licence, evidence, evidence_rank, source, basis
from begun
