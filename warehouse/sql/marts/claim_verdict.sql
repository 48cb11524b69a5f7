-- One row per claim and night: the verdict, by rule alone (METHOD section 7), with the figure it rests on.
-- Headline and counting figures that are decided both ways make `mixed`; else the headline's verdict is the claim's.
with ranked as (
    select
        e.*, r.title, r.tolerance, r.lower, r.upper,
        row_number() over (
            partition by e.claim_id
            order by e.verdict = 'not measured', e.role <> 'headline', r.part_place, e.scope) as place
    from marts.claim_evidence e
    join marts.claim_rule r using (claim_id, part)
    where e.role in ('headline', 'counts')
),
worded as (
    select
        *,
        case unit when 'share' then 100 else 1 end as times,
        case unit when 'share' then ' %' when 'ratio' then '' when 'yes' then '' else ' ' || unit end as of_unit,
        case when scope = part then 'the ' || part else concat(part, ' (', scope, ')') end as named
    from ranked
),
figured as (
    select
        *,
        case when abs(estimate * times) >= 100 then format('{:.0f}', estimate * times)
            else format('{:.3g}', estimate * times) end as stated,
        case when abs(lo * times) >= 100 then format('{:.0f}', lo * times) else format('{:.3g}', lo * times) end as shown_lo,
        case when abs(hi * times) >= 100 then format('{:.0f}', hi * times) else format('{:.3g}', hi * times) end as shown_hi,
        case when lower is not null and upper is not null then format('{:g} or {:g}', lower * times, upper * times)
            else format('{:g}', coalesce(lower, upper) * times) end || of_unit as limits
    from worded
),
headline as (
    select * from figured where place = 1
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
),
decided as (
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
)
select
    (select night from seed.night) as night,                        -- UTC date of the verdict
    claim_id,                                                       -- the claim
    claim,                                                          -- the claim in our words
    measure,                                                        -- what is measured to judge it
    estimate,                                                       -- the headline figure; claim_evidence has all
    unit,                                                           -- its unit
    lo,                                                             -- lower end of its interval; NULL with a hi: none
    hi,                                                             -- upper end; NULL with a lo: none
    n_boards,                                                       -- boards behind it; NULL: not from boards alone
    verdict,                                                        -- supported | refuted | mixed | undecided | subject missing | not measured
    concat_ws(' ',
        case
            when verdict = 'subject missing' then upper(note[1]) || note[2:] || '.'
            when verdict = 'not measured' then concat('Nothing recorded measures it: ', measure, '.')
            when estimate is null and lo is null then concat(upper(title[1]), title[2:], ': cannot be given: ', note, '.')
            when estimate is null then concat(upper(title[1]), title[2:], ': more than ', shown_lo, of_unit, '.')
            else concat(upper(title[1]), title[2:], ': ', stated, of_unit,
                case
                    when lo is null and hi is null then ', without an interval'
                    when lo = hi then ''
                    else concat(' (', interval, ': ', coalesce(shown_lo, 'no lower limit'), ' to ',
                        coalesce(shown_hi, 'no upper limit'), ')')
                end, '.')
        end,
        case when verdict not in ('subject missing', 'not measured') and coalesce(estimate, lo) is not null then concat('From ', n, ' ', n_what,
            case when n_what not like '%board%' then ', ' || n_boards || ' boards' end,
            '; ' || note, '.') end,
        case verdict
            when 'supported' then concat('The claim says ', tolerance, '; this lies inside.')
            when 'refuted' then concat('The claim says ', tolerance, '; this lies outside.')
            when 'undecided' then concat('The claim says ', tolerance, '; this does not decide it.')
            when 'mixed' then concat('The claim says ', tolerance, ', and scopes disagree: supported by ',
                all_supported, '; refuted by ', all_refuted, '.')
        end,
        case when verdict <> 'mixed' and coalesce(supported, refuted, undecided) is not null then concat(
            'Beside it: ', concat_ws('; ', 'supported by ' || supported, 'refuted by ' || refuted,
                'undecided by ' || undecided), '.') end,
        case when verdict = 'mixed' then 'Undecided by ' || undecided || '.' end,
        case when verdict = 'not measured' then 'Shown beside it, but not that: ' || scopes || '.' end,
        case
            when verdict = 'subject missing' then 'The verdict changes on the first night on which a source lists it.'
            when verdict = 'not measured' then 'The verdict changes when a source that measures it is recorded.'
            when verdict = 'mixed' then 'The verdict changes when one side of these no longer holds.'
            when verdict = 'supported' then concat('The verdict changes when the interval reaches beyond ', limits, '.')
            when verdict = 'refuted' then concat('The verdict changes when the ',
                case when lo > upper then 'lower end comes down to ' else 'upper end comes up to ' end,
                format('{:g}', (case when lo > upper then upper else lower end) * times), of_unit, '.')
            when estimate is null and lo is null then 'The verdict changes once it can be given.'
            when n_to_decide > n then concat('At this estimate about ', n_to_decide, ' ', n_what,
                ' would decide; there are ', n, '.')
            else concat('The verdict changes when the interval lies on one side of ', limits, '.')
        end
    ) as explanation                                                -- the verdict in plain words, and what would change it
from decided
