-- One row per model and fact on which sources differ: the statement of each, the one that is used, and the rule that
-- chose it.
-- Differing means: open against closed; any two dates; parameters more than 10 % apart (rounding and embeddings
-- do less); two licences by name once spelling is set aside ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT" is llama3.1), or a
-- licence and a class it does not belong to ("unrestricted" against CC-BY-NC). The reviewed seed counts as a source.
-- Key: model, fact
with differing as (
    select
        model, fact,
        count(distinct stated) as n_values,
        count(distinct source) filter (where source <> 'seed')::integer as n_sources,
        max(amount) - min(amount) as apart, max(amount) / nullif(min(amount), 0) as times_apart
    from staging.comparable_fact
    group by model, fact
    having case fact
        when 'parameters' then max(amount) > 1.1 * min(amount)
        when 'licence' then count(distinct stated) > 1 or count(distinct class) > 1
        else count(distinct stated) > 1
    end
),
sides as (
    select
        model, fact, any_value(value order by value) as value,
        min(evidence_rank) as evidence_rank, count(*) as n,
        string_agg(source, ', ' order by evidence_rank, source) as sources
    from staging.comparable_fact
    group by model, fact, coalesce(stated, value)
),
stated as (
    select
        model, fact,
        string_agg(format('{} ({})', value, sources), '; ' order by evidence_rank, n desc, value) as stated
    from sides
    group by model, fact
),
backing as (
    select
        d.model, d.fact,
        min(c.evidence_rank) filter (where lower(c.value) = lower(p.value)) as picked_rank,
        min(c.evidence_rank) filter (where lower(c.value) is distinct from lower(p.value)) as against_rank,
        count(*) filter (where lower(c.value) = lower(p.value) and c.source <> 'seed') as n_for,
        count(*) filter (where lower(c.value) is distinct from lower(p.value) and c.source <> 'seed') as n_against
    from differing d
    join staging.comparable_fact c using (model, fact)
    left join staging.picked_fact p using (model, fact)
    group by d.model, d.fact
)
select
    d.model,                                                        -- the model's key
    coalesce(m.title, n.title, d.model) as title,                   -- its name for people
    d.fact,                                                         -- openness | release date | weights date | licence | parameters
    t.stated,                                                         -- each value with who says it, strongest evidence first; seed: a reviewed line
    d.n_values::integer as n_values,                                -- different values
    d.n_sources,                                                    -- sources that say something, the seed not counted
    case when d.fact like '%date' then d.apart::integer end as spread_days,  -- days between the extremes, for dates
    case when d.fact = 'parameters' then round(d.times_apart, 3) end as times_apart,  -- the largest over the smallest, for parameters
    p.value as picked,                                              -- what we go by; NULL: nothing counts yet
    coalesce(p.rule, '') as rule,                                   -- which rule or whose evidence picked it
    b.picked_rank::integer as picked_rank,                          -- strongest evidence for it: 0 reviewed, 1 files or the lab itself, 2 note, 3 registry, 4 board; NULL: nobody says just this
    b.against_rank::integer as against_rank,                        -- strongest evidence against it
    b.n_for::integer as n_for,                                      -- sources that say just this
    b.n_against::integer as n_against                               -- sources that say otherwise
from differing d
join stated t using (model, fact)
join backing b using (model, fact)
left join staging.picked_fact p using (model, fact)
left join seed.model m using (model)
left join staging.resolved_model n using (model)
