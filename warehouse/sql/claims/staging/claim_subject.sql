-- One row: on how many reasoning boards DeepSeek R2 reaches o3, or that no source knows such a model (claim r2-matched-o3).
with named as (
    select distinct a.model
    from marts.model_alias a
    where regexp_matches(lower(a.name), '(^|[^a-z0-9])deepseek[^a-z0-9]*r2([^a-z0-9]|$)')
),
pair as (
    select
        b.board, max(s.value * if(b.better = 'higher', 1, -1)) filter (where s.model = c.subject) as theirs,
        max(s.value * if(b.better = 'higher', 1, -1)) filter (where s.model in (from named)) as its
    from staging.claim_board b
    join (from marts.score where not self_reported and provisional is not true and gone_since is null) s
        on s.board = b.board and s.edition = b.edition
    cross join (select subject from seed.claim where claim_id = 'r2-matched-o3') c
    where b.domain = 'reasoning and mathematics' and (s.model = c.subject or s.model in (from named))
    group by b.board
),
counted as (
    select count(*) as n, count(*) filter (where its >= theirs) as reached
    from pair where its is not null and theirs is not null
),
known as (
    select
        count(*) as models, (select count(*) from marts.model_alias) as names,
        (select count(distinct source) from marts.model_alias) as sources
    from named
)
select
    'r2-matched-o3' as claim_id, 'matched' as part, 'reasoning and mathematics' as scope, 'any' as tier,
    'headline' as role,
    case when n > 0 then reached / n end as estimate,
    case when n > 0 then wilson_lo(reached, n) end as lo,
    case when n > 0 then wilson_hi(reached, n) end as hi,
    n, 'boards that list both' as n_what, n as n_boards,
    case
        when models = 0 then format('no source lists a model called DeepSeek R2; {} sources with {:,} names of models were searched', sources, names)
        else 'a model of that name is listed'
    end as note,
    models = 0 as missing
from counted, known
