-- One row per claim: its verdict in plain words, and what would change it.
-- The sentences in order: the figure, its basis, the limit that the claim sets, the other figures, what is undecided,
-- what is only shown, and what would change the verdict.
select
    claim_id,
    concat_ws(
        ' ',
        case
            when verdict = 'subject missing' then upper(note[1]) || note[2:] || '.'
            when verdict = 'not measured' then concat('Nothing recorded measures it: ', measure, '.')
            when estimate is null and lo is null then concat(upper(title[1]), title[2:], ': cannot be given: ', note, '.')
            when estimate is null then concat(upper(title[1]), title[2:], ': more than ', shown_lo, of_unit, '.')
            else concat(
                upper(title[1]), title[2:], ': ', stated, of_unit,
                case
                    when lo is null and hi is null then ', without an interval'
                    when lo = hi then ''
                    else concat(
                        ' (', interval, ': ', coalesce(shown_lo, 'no lower limit'), ' to ',
                        coalesce(shown_hi, 'no upper limit'), ')'
                    )
                end, '.'
            )
        end,
        case when verdict not in ('subject missing', 'not measured') and coalesce(estimate, lo) is not null then concat(
            'From ', n, ' ', n_what,
            case when n_what not like '%board%' then ', ' || n_boards || ' boards' end,
            '; ' || note, '.'
        ) end,
        case verdict
            when 'supported' then concat('The claim says ', tolerance, '; this lies inside.')
            when 'refuted' then concat('The claim says ', tolerance, '; this lies outside.')
            when 'undecided' then concat('The claim says ', tolerance, '; this does not decide it.')
            when 'mixed' then concat(
                'The claim says ', tolerance, ', and scopes disagree: supported by ',
                all_supported, '; refuted by ', all_refuted, '.'
            )
        end,
        case when verdict <> 'mixed' and coalesce(supported, refuted, undecided) is not null then concat(
            'Beside it: ', concat_ws(
                '; ', 'supported by ' || supported, 'refuted by ' || refuted,
                'undecided by ' || undecided
            ), '.'
        ) end,
        case when verdict = 'mixed' then 'Undecided by ' || undecided || '.' end,
        case when verdict = 'not measured' then 'Shown beside it, but not that: ' || scopes || '.' end,
        case
            when verdict = 'subject missing' then 'The verdict changes on the first night on which a source lists it.'
            when verdict = 'not measured' then 'The verdict changes when a source that measures it is recorded.'
            when verdict = 'mixed' then 'The verdict changes when one side of these no longer holds.'
            when verdict = 'supported' then concat('The verdict changes when the interval reaches beyond ', limits, '.')
            when verdict = 'refuted'
                then
                    concat(
                        'The verdict changes when the ',
                        case when lo > upper then 'lower end comes down to ' else 'upper end comes up to ' end,
                        format('{:g}', (case when lo > upper then upper else lower end) * times), of_unit, '.'
                    )
            when estimate is null and lo is null then 'The verdict changes once it can be given.'
            when n_to_decide > n
                then
                    concat(
                        'At this estimate about ', n_to_decide, ' ', n_what,
                        ' would decide; there are ', n, '.'
                    )
            else concat('The verdict changes when the interval lies on one side of ', limits, '.')
        end
    ) as explanation
from staging.claim_decision
