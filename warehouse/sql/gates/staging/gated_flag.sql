-- One row per flag of openness that gate G8 judged, and per source how many of its models carry no label tonight.
with flags as (
    select
        known_on as night, source, 'G8' as gate, case when rejected then 'flips a night' else 'second witness' end as rule,
        name, case when held = '' then 'pass' else 'held' end as outcome, 'flags' as "of",
        case when rejected then flips / models else flips end as measured,
        case
            when held <> '' then held
            else format(
                'turned {}, and so says {}', case when open then 'open' else 'closed' end,
                coalesce(seconded_by, 'the Hub')
            )
        end
        || case
            when c.model in (select model from marts.frontier where until_on is null) then '; it leads a board'
            else ''
        end as explanation,
        known_on as first_on, url, sha256
    from staging.access_statement_gate c
    where flipped or held <> ''
),
labelled as (
    select
        a.source, count(distinct a.name) as models,
        count(distinct a.name) - count(distinct case when a.open is not null then a.name end) as unknown
    from raw.access a
    join raw.fetch_result s
        on s.source = a.source and s.page_key = a.page_key and s.night = night()
    where a.source in (select source from staging.access_statement where open is not null)
    group by a.source
),
labels as (
    select
        night() as night, source, 'G8' as gate, 'openness unknown' as rule,
        case when unknown > l.openness_unknown * models then 'warned' else 'pass' end as outcome, 'flags' as "of",
        unknown / models as measured,
        case
            when unknown > l.openness_unknown * models
                then format('{} of {} models without a label; their earlier labels stand', unknown, models)
            else ''
        end as explanation
    from labelled cross join staging.gate_limit l
)
select * from flags
union all by name
select * from labels
