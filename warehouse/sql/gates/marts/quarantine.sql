-- One row per row, table, flag or page that was held back in what the night knows, as its source wrote it.
-- Key: source, board, edition, held, name, field, known_on, sha256
with written as (
    select source, page_key, board, edition, name, variant, scored_on, min(written) as written
    from raw.score
    where (source, page_key) in (select (source, page_key) from staging.held_score)
    group by all
)
select
    q.source,                                                       -- the source
    q.board,                                                        -- the board
    q.edition,                                                      -- its edition
    'row' as held,                                                  -- row | table | flag | price | fact | page | names
    q.name,                                                         -- the name as written
    q.field,                                                        -- the field that could not be believed
    q.found,                                                        -- what stood there
    q.expected,                                                     -- what was expected
    q.written,                                                      -- the row as its source wrote it
    p.url,                                                          -- live address of the page
    p.sha256,                                                       -- of the page in the archive
    p.from_night as known_on,                                       -- night on which it was held
    null::date as believed_on                                       -- night since which it counts all the same; NULL: it does not
from staging.page_seen p
join raw.quarantined q on q.source = p.source and q.page_key = p.page_key
union all by name
select
    source, board, edition, 'table' as held, '' as name, 'rows' as field, held as found,
    'a whole table' as expected, '' as written, url, sha256, from_night as known_on,
    (select min(b.from_night) from staging.accepted_table b where b.table_no = h.table_no and b.held = '') as believed_on
from staging.accepted_table h where held <> ''
union all by name
select
    r.source, r.board, r.edition, 'row' as held, r.name, case r.gate when 'G9' then 'scored_on' else 'value' end as field,
    case r.gate
        when 'G9' then r.scored_on::varchar when 'G7' then format('{:g}', r.value)
        when 'G15' then format('{:g}', r.value) when 'G16' then format('{:g}', r.value)
        else format('{:g} and another value', r.value)
    end as found,
    case r.gate
        when 'G9' then 'a date that has come'
        when 'G15' then 'no change on many boards of one operator in one night, or a second look at it'
        when 'G16' then 'a second look at a new row that leads at once, or does not suit its model elsewhere'
        else format('about {:g}, as in the last good table', r.value_before)
    end as expected,
    coalesce(w.written, '') as written, r.url, r.sha256, r.from_night as known_on, r.believed_on
from staging.held_score r
left join written w
    on
        w.source = r.source and w.page_key = r.page_key and w.board = r.board and w.edition = r.edition and w.name = r.name
        and w.variant = r.variant and w.scored_on is not distinct from r.scored_on
union all by name
select
    source, '' as board, '' as edition, 'flag' as held, name, 'open' as field, held as found,
    'a second source that says so, or the Hub''s files' as expected, written, url, sha256, known_on,
    null::date as believed_on
from staging.access_statement_gate where held <> ''
union all by name
select
    source, '' as board, '' as edition, 'price' as held, name, 'usd' as field, held as found,
    'a price that a second source or a later reading confirms' as expected,
    format('{} per million read, {} written; {}', input_usd, output_usd, provider) as written, url, sha256, known_on,
    null::date as believed_on
from staging.price_gate where held <> ''
union all by name
select
    source, '' as board, '' as edition, 'fact' as held, name, kind as field, held as found,
    'what another source or a later reading confirms' as expected, '' as written, url, sha256, known_on,
    null::date as believed_on
from staging.fact_gate where held <> ''
union all by name
select
    g.source, '' as board, '' as edition, 'page' as held, '' as name, g.outcome as field, g.error as found,
    case g.outcome
        when 'excluded' then 'gapindex exclude --undo lets it in' else 'a page in the shape the parser knows'
    end as expected,
    '' as written, g.url, g.sha256, min(s.night) as known_on,
    null::date as believed_on
from raw.page g
join raw.fetch_result s on s.source = g.source and s.page_key = g.page_key
where g.outcome <> 'read'
group by all
union all by name
select
    source, board, edition, 'row' as held, name, 'excluded' as field,
    format('excluded by the operator on {}: {}', night, reason) as found, 'gapindex exclude --undo lets it in' as expected,
    written, url, sha256, known_on, null::date as believed_on
from input.excluded_row
union all by name
select
    source, '' as board, '' as edition, 'names' as held, '' as name, 'name' as field,
    format('more than {:,} names', most) as found, 'no more; rows with a name known later do not count' as expected,
    '' as written, '' as url, '' as sha256, first_on as known_on, null::date as believed_on
from input.cut_name
