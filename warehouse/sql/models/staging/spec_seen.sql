-- One row per change of a quantity that a source states about a model, with the night since which we know it.
-- What changes daily (downloads, likes, trending) is no property of a model and stays in the archive.
with stated as (
    select s.source, s.name, s.developer, s.quantity, s.value, p.url, p.sha256, p.from_night as known_on
    from staging.page_seen p
    join raw.spec s on s.source = p.source and s.page_key = p.page_key
    where s.quantity in ('parameters', 'active_parameters', 'context_tokens', 'training_flop')
    union all by name
    select source, name, developer, quantity, value, url, sha256, known_on
    from history.spec
),
nightly as (
    select * from stated
    qualify row_number() over (
        partition by source, name, quantity, known_on order by value desc, url desc, sha256
    ) = 1
)
select * from nightly
qualify value is distinct from lag(value) over (partition by source, name, quantity order by known_on)
