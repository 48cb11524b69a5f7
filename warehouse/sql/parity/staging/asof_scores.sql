-- One row per scope, night of news, tier and model that counted there: the scores, as known on that night.
-- A night of news is one on which a level became known or changed, or on which a scored model's access changed.
-- An edition that a re-base closed has no news after its end.
-- Access is restated (what we know tonight of that date); levels are as they were known.
-- Parts: scope, by staging.level_history.scope, staging.edition_seen.board
with sides as (
    select
        model, tier as access_tier, from_on, coalesce(until_on, date '9999-12-31') as until_on,
        case when tier = 'C' then 'closed' else 'open' end as side,
        case tier when 'T1' then ['any', 'T1'] else ['any'] end as tiers
    from staging.access_span
    where tier = 'C' or is_open(tier)
),
first_seen as (
    select scope, edition, min(known_from) as first_on from staging.level_history group by all
),
news as (
    select scope, edition, known_from as valid_from from staging.level_history
    union
    select scope, edition, known_to from staging.level_history where known_to is not null
    union
    select p.scope, p.edition, s.from_on
    from staging.level_history p
    join sides s using (model)
    join first_seen f on f.scope = p.scope and f.edition = p.edition
    left join staging.edition_seen e on e.board = p.scope and e.edition = p.edition
    where (e.ended_on is null or s.from_on < e.ended_on) and s.from_on > f.first_on and s.from_on >= p.known_from and (p.known_to is null or s.from_on < p.known_to)
),
first_known as (
    select scope, edition, model, min(known_from) as first_known_on from staging.level_history group by all
)
select
    p.scope_kind, p.scope, p.edition, n.valid_from, p.domain, p.margin, p.third_party, p.n_instruments, p.share,
    s.side, s.tiers, s.from_on, p.model, p.value, p.signed, p.stderr, p.known_from, k.first_known_on, f.first_on as first_seen_on,
    -- The night it came before us: what is there when we first look at a board came with its release.
    case when k.first_known_on > f.first_on then greatest(k.first_known_on, s.from_on) else s.from_on end as entered_on
from news n
join staging.level_history p
    on p.scope = n.scope and p.edition = n.edition and p.known_from <= n.valid_from and (p.known_to is null or p.known_to > n.valid_from)
join sides s on s.model = p.model and s.from_on <= n.valid_from and s.until_on > n.valid_from
join first_seen f on f.scope = n.scope and f.edition = n.edition
join first_known k on k.scope = n.scope and k.edition = n.edition and k.model = p.model
