-- One row per claim: its verdict in plain words, and what would change it.
-- The first sentence is the verdict for whoever reads no further: the figure and the limit that the claim sets.  Then its
-- basis, the other figures, what is undecided, what is only shown, and what would change the verdict.
select
    claim_id,
    concat_ws(
        ' ',
        case
            when verdict = 'subject missing' then upper(note[1]) || note[2:] || '.'
            when verdict = 'not measured' then concat('No source that is read measures this: ', measure, '.')
            when estimate is null and lo is null
                then concat(upper(verdict[1]), verdict[2:], ': this cannot be computed yet, as ', note, '.')
            else concat(
                upper(verdict[1]), verdict[2:], ': ', replace(coalesce(sentence, title || ': {}'), '{}', figure), '; ',
                case
                    when lower > 0 and upper is not null
                        then format('{} would be {:g} to {:g}', tolerance, lower * times, upper * times) || of_unit
                    else 'the claim holds if that is ' || tolerance
                end,
                case when verdict = 'mixed' then ', but not all its figures agree' end, '.'
            )
        end,
        case when verdict = 'mixed' then concat('For it: ', all_supported, '. Against it: ', all_refuted, '.') end,
        case when verdict = 'mixed' then 'Undecided: ' || undecided || '.' end,
        case when claim_id = 'catch-up-3-6-months' and tonight is not null then concat(
            'That is not tonight''s lag (', tonight, '): the lag is how old the ability is that open models have now, part of'
            ' the way to the next closed record counted in; this is how long whole records stood, over all years.'
        ) end,
        case when verdict not in ('subject missing', 'not measured') and coalesce(estimate, lo) is not null then concat(
            case
                when lo is null and hi is null then 'No interval is known. '
                when lo < hi or lo is null or hi is null then concat('In brackets: ', interval, '. ')
            end,
            'It rests on ', n, ' ', n_what,
            case when n_what not like '%board%' then ' and ' || n_boards || ' boards' end,
            ': ' || note, '.'
        ) end,
        case when verdict <> 'mixed' and coalesce(supported, refuted, undecided) is not null then concat(
            'By its other figures: ', concat_ws(
                '; ', 'supported (' || supported || ')', 'refuted (' || refuted || ')', 'undecided (' || undecided || ')'
            ), '.'
        ) end,
        case when verdict = 'not measured' then 'Near it, but not the same: ' || scopes || '.' end,
        case
            when verdict = 'subject missing' then 'The verdict changes on the first night on which a source lists it.'
            when verdict = 'not measured' then 'The verdict changes when a source that measures it is read.'
            when verdict = 'mixed' then 'The verdict changes when one of the two sides no longer holds.'
            when verdict = 'supported' then concat('The verdict changes when the range in brackets reaches beyond ', limits, '.')
            when verdict = 'refuted'
                then
                    concat(
                        'The verdict changes when the ',
                        case
                            when lo = hi then 'number ' when lo > upper then 'lower end of that range ' else 'upper end of that range '
                        end,
                        case when lo > upper then 'falls to ' else 'rises to ' end,
                        format('{:g}', (case when lo > upper then upper else lower end) * times), of_unit, '.'
                    )
            when estimate is null and lo is null then 'The verdict changes once it can be computed.'
            when n_to_decide > n
                then
                    concat(
                        'If the estimate stays as it is, about ', n_to_decide, ' ', n_what,
                        ' would decide; there are ', n, '.'
                    )
            else concat('The verdict changes when the range in brackets lies on one side of ', limits, '.')
        end
    ) as explanation
from staging.claim_decision
cross join (
    select
        max(concat(
            format('{:.0f} days', lag_days),
            format(', {} to {}', round(lag_lo)::integer, coalesce(round(lag_hi)::integer::varchar, 'more'))
        )) as tonight
    from marts.gap_index
    where night = night() and scope_kind = 'overall' and tier = 'any' and lag_days is not null
)
