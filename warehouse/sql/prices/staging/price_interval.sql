-- One row per offer of a model that reached some level, and side; `place` orders all offers by price.
-- Two bases that are never compared with each other: what a shop asks for tokens, and what a board's run cost a task.
with offer as (
    select
        'blended list price' as basis, model, tier, side, from_on, until_on, blended_usd as usd, input_usd, output_usd,
        provider, source, name, from_basis, known_on, url, sha256
    from staging.price_offer
    union all by name
    select
        'cost per task: ' || t.board as basis, t.model, a.tier, case a.tier when 'C' then 'closed' else 'open' end as side,
        greatest(t.run_on, a.from_on, d.available_on) as from_on, a.until_on, t.usd, null as input_usd,
        null as output_usd, '' as provider, t.source, t.name, 'date of the run' as from_basis, t.known_on, t.url, t.sha256
    from staging.price_task t
    join staging.model_date d using (model)
    join staging.access_span a on a.model = t.model and a.tier <> 'U'
    where greatest(t.run_on, a.from_on, d.available_on) < coalesce(a.until_on, date 'infinity')
),
placed as (
    select *, row_number() over (order by basis, usd, from_on, model, side, provider, source, name, known_on, sha256) as place
    from offer
    where model in (select model from staging.price_level)
)
select side as counts_as, 'any' as for_tier, * from placed
union all
select 'any', 'any', * from placed
union all
select 'open', 'T1', * from placed where tier = 'T1'
