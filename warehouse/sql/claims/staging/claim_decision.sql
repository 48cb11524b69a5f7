-- One row per claim: the verdict by rule alone (METHOD section 7), with the figure it rests on, as numbers and as text.
-- Headline and counting figures that are decided both ways make `mixed`; else the headline's verdict is the claim's.
with ranked as (
    select
        e.*, r.title, p.label, r.sentence, r.tolerance, r.lower, r.upper,
        row_number() over (
            partition by e.claim_id
            order by e.verdict = 'not measured', e.role <> 'headline', r.part_place, e.scope
        ) as place
    from marts.claim_evidence e
    join marts.claim_rule r using (claim_id, part)
    join seed.claim_part p using (claim_id, part)
    where e.role in ('headline', 'counts')
),
worded as (
    select
        *,
        case unit when 'share' then 100 else 1 end as times,
        case unit when 'share' then ' %' when 'ratio' then '' when 'yes' then '' else ' ' || unit end as of_unit,
        -- A figure in a list of figures: "match in coding", "price of ability at 130 points".
        concat(label, case
            when min(scope) over figure = max(scope) over figure then ''
            when scope = 'overall' then ' overall' when scope = 'boards' then ' on single boards'
            when scope like '% points' then ' at ' || scope
            else ' in ' || scope
        end) as named
    from ranked
    window figure as (partition by claim_id, part)
),
figured as (
    select
        *,
        case
            when abs(estimate * times) >= 100 then format('{:.0f}', estimate * times)
            else format('{:.3g}', estimate * times)
        end as stated,
        case when abs(lo * times) >= 100 then format('{:.0f}', lo * times) else format('{:.3g}', lo * times) end as shown_lo,
        case when abs(hi * times) >= 100 then format('{:.0f}', hi * times) else format('{:.3g}', hi * times) end as shown_hi,
        case
            when lower is not null and upper is not null then format('{:g} or {:g}', lower * times, upper * times)
            else format('{:g}', coalesce(lower, upper) * times)
        end || of_unit as limits
    from worded
),
headline as (
    select
        *,
        concat(case when estimate is null then 'more than ' || shown_lo else stated end, of_unit, case
            when estimate is null or lo = hi or (lo is null and hi is null) then ''
            when hi is null then concat(' (at least ', shown_lo, ')')
            when lo is null then concat(' (at most ', shown_hi, ')')
            else concat(' (', shown_lo, ' to ', shown_hi, ')')
        end) as figure
    from figured where place = 1
),
others as (
    select
        claim_id,
        bool_or(verdict = 'supported') as any_supported, bool_or(verdict = 'refuted') as any_refuted,
        string_agg(named, ', ' order by place) filter (where verdict = 'supported') as all_supported,
        string_agg(named, ', ' order by place) filter (where verdict = 'refuted') as all_refuted,
        string_agg(named, ', ' order by place) filter (where verdict = 'supported' and place > 1) as supported,
        string_agg(named, ', ' order by place) filter (where verdict = 'refuted' and place > 1) as refuted,
        string_agg(named, ', ' order by place) filter (where verdict = 'undecided' and place > 1) as undecided
    from figured group by claim_id
),
beside as (
    select claim_id, string_agg(distinct scope, ', ' order by scope) as scopes
    from marts.claim_evidence where role = 'shown' group by claim_id
)
select
    c.*, h.* exclude (claim_id, place, verdict),
    o.* exclude (claim_id), b.scopes,
    case
        when h.verdict is null then 'not measured'
        when h.verdict in ('subject missing', 'not measured') then h.verdict
        when o.any_supported and o.any_refuted then 'mixed'
        else h.verdict
    end as verdict
from (select distinct claim_id, place as claim_place, claim, measure from marts.claim_rule) c
left join headline h using (claim_id)
left join others o using (claim_id)
left join beside b using (claim_id)
