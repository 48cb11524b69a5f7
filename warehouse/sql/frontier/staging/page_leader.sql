-- One row per board edition: the row that leads its newest accepted tables, and why it would not count.  People are no
-- leaders.  `lists_closed`, `lists_open`: whether these tables have a row of that side at all; a list of the best ten may not.
with newest as (
    select source, board, edition, page_edition, page_key from staging.accepted_table
    where held = ''
    qualify row_number() over (
        partition by source, board, edition, address order by from_night desc, url desc, page_key desc
    ) = 1
),
shown as (
    select source, page_key, board, edition, name, variant, value, self_reported, '' as rule from raw.score
    union all by name
    select source, page_key, board, edition, name, '' as variant, value, false as self_reported, rule from raw.excluded_value
    where not starts_with(rule, 'human')
)
select
    w.board, w.edition, r.name, r.value, case when r.rule = '' then m.model end as model,
    case
        when r.rule <> '' then format('it is left out as "{}"', r.rule)
        when r.self_reported then 'its row is self-reported'
        when not coalesce(m.known, false) then 'its name is not resolved'
        when a.tier is null or a.tier = 'U' then 'it is not known whether its weights can be had'
        else 'a gate holds its row, or the model does not count yet'
    end as why_not,
    coalesce(bool_or(r.rule = '' and a.tier = 'C') over edition_rows, false) as lists_closed,
    coalesce(bool_or(r.rule = '' and is_open(a.tier)) over edition_rows, false) as lists_open
from newest w
join shown r on r.source = w.source and r.page_key = w.page_key and r.board = w.board and r.edition = w.page_edition
join input.board b on b.board = w.board
left join staging.resolved_name m on m.source = r.source and m.name = r.name
left join staging.access_span a on a.model = m.model and a.until_on is null
window edition_rows as (partition by w.board, w.edition)
qualify row_number() over (
    partition by w.board, w.edition order by better_is_more(b.better, r.value) desc, r.self_reported, r.name, r.variant
) = 1
