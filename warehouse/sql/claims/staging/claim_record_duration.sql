-- One row per claim on how long one closed model stood, grade and composite it was a record of; and over boards.
with subject as (
    -- A claim about one kind of ability is judged by that domain first.
    select claim_id, subject, case claim_id when 'o1-6-months' then 'reasoning and mathematics' end as domain
    from seed.claim where claim_id in ('gpt4-9-months', 'o1-6-months', 'o3-4-months')
),
stated as (
    select c.claim_id, c.domain as about, t.*
    from subject c
    join marts.time_to_parity t on t.closed_model = c.subject
    where t.tier = 'any' and (
        t.scope_kind = 'overall'
        or t.scope_kind = 'domain' and t.scope = c.domain
    )
),
grades as (
    select
        claim_id, grade as part, scope, tier,
        case
            when scope = coalesce(about, 'overall') and grade = 'match' then 'headline'
            when grade in ('match', 'parity') then 'counts'
            else 'shown'
        end as role,
        days::double as estimate, lower_days::double as lo,
        days::double as hi,
        1 as n, 'closed record' as n_what, null::bigint as n_boards,
        case
            when open_model is not null
                then
                    concat(
                        format('{} reached it with its weights of {}', open_title, open_on),
                        case when censored = 'interval' then format(', first seen on a board {} days after the closed release', upper_days) end
                    )
            when underpowered then 'not yet, and the test has too little power'
            else 'not yet'
        end as note,
        false as missing
    from stated
),
unmet as (
    -- An unmet record counts as longer than any other: its board has followed it at least so long.
    select c.claim_id, t.scope, coalesce(t.days::double, 'infinity'::double) as days
    from subject c
    join marts.time_to_parity t on t.closed_model = c.subject
    join staging.claim_board b
        on b.board = t.scope and b.edition = t.edition and b.domain = coalesce(c.domain, b.domain)
    where t.scope_kind = 'board' and t.tier = 'any' and t.grade = 'match'
),
boards as (
    select
        claim_id, count(*) as n, count(*) filter (where days < 'infinity'::double) as reached,
        quantile_disc(days, 0.5 order by days) as middle,
        quantile_disc(days, 0.25 order by days) as early,
        quantile_disc(days, 0.75 order by days) as late
    from unmet group by claim_id
)
select * from grades
union all by name
select
    claim_id, 'boards' as part, 'boards' as scope, 'any' as tier, 'counts' as role,
    nullif(middle, 'infinity'::double) as estimate,
    nullif(early, 'infinity'::double) as lo, nullif(late, 'infinity'::double) as hi,
    n, 'boards' as n_what, n as n_boards,
    format('matched on {} of the {} boards where it was a record', reached, n) as note, false as missing
from boards
