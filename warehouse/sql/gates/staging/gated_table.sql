-- One row per gate and table of rows it judged: as of the night a page was first shown where it was tripped, and as of
-- tonight for every table shown tonight.
with shown as (
    select distinct g.table_no
    from staging.gate_page g
    join raw.fetch_result s
        on s.source = g.source and s.url = g.url and s.page_key = g.page_key and s.night = night()
    where g.own and (g.next_night is null or g.next_night > night())
),
let_in as (
    select b.table_no, min(b.from_night) as believed_on, any_value(d.reason) as reason
    from staging.accepted_table b
    left join staging.gate_override d using (table_no)
    where b.held = '' and b.table_no in (select table_no from staging.gate_outcome where outcome = 'held' and "of" = 'table')
    group by b.table_no
),
judged as (
    select g.table_no, g.from_night as first_on, g.source, g.board, g.edition, g.url, g.sha256, o.* exclude (table_no)
    from staging.gate_outcome o
    join staging.gate_page g using (table_no)
)
-- As it was when the page was first shown, where a gate was tripped then.
select first_on as night, j.* exclude (table_no) from judged j
where outcome <> 'pass' and first_on < night()
union all by name
-- As it stands tonight.
select
    night() as night, j.* exclude (table_no) replace (
        case
            when outcome = 'held' and "of" = 'table' and l.table_no is not null then 'warned'
            when j.first_on < night() and (gate = 'G6' or "of" = 'rows') then 'pass'
            else outcome
        end as outcome,
        j.explanation || case
            when outcome = 'pass' then ''
            when gate = 'G6' or "of" = 'rows'
                then
                    case
                        when j.first_on < night() then format('; shown again since {}', j.first_on)
                        else ''
                    end
            when outcome <> 'held' or l.table_no is null then ''
            when l.reason is not null then format('; let in on {}: {}', l.believed_on, l.reason)
            else format('; still so a fortnight later, believed since {}', l.believed_on)
        end as explanation
    )
from judged j
join shown using (table_no)
left join let_in l using (table_no)
