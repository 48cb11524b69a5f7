-- One row per model and stretch of dates on which it had one access tier, with the evidence for it.
-- Reviewed seed lines come first; without one the sources decide.  A source's newest statement counts, the one on
-- the plain name if there is one.  A statement that was withdrawn ends its stretch; the first one holds from the
-- beginning.
-- Only the strongest kind of evidence counts: Hub files under a watched owner, a lab's note, a registry's flag.
-- A board's flag alone never makes a model open (boards are wrong too often): then it is U.  A contradiction of
-- sources of equal rank is U too, and `disagreement` lists both sides.  An unresolved name is U if a board's flag is all
-- its evidence, and always where a reviewed line leaves it unresolved (a lab's model under a code name): its maker and
-- date are unknown, so it sets no frontier.
-- An open model counts as closed between its release and its weights; a first listing in a registry is not a release.
with from_seed as (
    select model, tier, from_on, licence, evidence, evidence_rank, source, 'seed' as basis
    from seed.access
),
claims as (
    select n.model, n.known, c.source, c.name, c.open, c.licence, c.known_on, o.name is not null as codename,
        evidence_rank(c.evidence) as rank
    from staging.access_statement_gate c
    join staging.resolved_name n on n.source = c.source and n.name = c.name
    left join (select name, source from seed.alias where model is null) o
        on o.name = c.name and coalesce(o.source, c.source) = c.source
    where c.held = '' and n.model not in (select model from seed.access)
    qualify (n.variant = '') = bool_or(n.variant = '') over (partition by n.model, c.source)
        and (c.open is not null) = bool_or(c.open is not null) over (partition by n.model)
),
licensed as (
    select model, arg_min(licence, (rank, source, -epoch(known_on), licence)) as licence
    from claims where open and licence <> '' and rank < 4
    group by model
),
strongest as (
    from claims qualify rank = min(rank) over (partition by model)
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
        model, valid_from, any_value(rank) as evidence_rank,
        bool_or(open) as says_open, bool_or(not open) as says_closed,
        arg_min(licence, (source, licence)) filter (open and licence <> '' and rank < 4) as licence,
        string_agg(distinct source, ', ' order by source) as source,
        bool_or(known) as known, bool_or(codename) as codename
    from newest
    group by model, valid_from
),
states as (
    select
        j.model, j.valid_from, j.evidence_rank, j.source, coalesce(j.licence, n.licence, '') as licence,
        row_number() over (partition by j.model order by j.valid_from) = 1 as first,
        case
            when j.codename or j.says_open is null or (j.says_open and j.says_closed) then 'U'
            when j.evidence_rank = 4 and (j.says_open or not j.known) then 'U'
            when j.says_open then coalesce(l.tier, 'T2')
            else 'C'
        end as tier
    from judged j
    left join licensed n using (model)
    left join seed.licence l on lower(coalesce(j.licence, n.licence)) = l.licence
),
flips as (
    select * from states
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
            when is_open(f.tier) then coalesce(d.weights_on, d.available_on)
            else d.available_on
        end as from_on,
        case when f.first and is_open(f.tier) and d.available_on < d.weights_on
            and d.available_basis <> 'registry: first listed' then d.available_on end as closed_from_on
    from flips f
    join staging.model_date d using (model)
),
every as (
    select * from from_seed
    union all by name
    select * exclude (closed_from_on, first) from from_sources
    union all by name
    select * exclude (closed_from_on, first) replace ('C' as tier, closed_from_on as from_on, '' as licence)
    from from_sources where closed_from_on is not null
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
