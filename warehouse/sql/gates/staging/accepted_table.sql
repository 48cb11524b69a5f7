-- One row per board edition and page that showed it anew: whether that table is accepted as a whole, and if not, why.
-- The gates find the faults (`staging.gate_outcome`); a decision of the operator may let a table in all the same.  A
-- board that really shrank, lost its leaders or changed its columns is accepted when it still looks so a fortnight later,
-- and one that went back to an old page when that page is served on a second night: then its table is a second row here,
-- from that night on.
-- `page_edition` is the edition as the page names it, `edition` the one its scores count in: a re-base opens another.
with judged as (
    select
        g.table_no, g.source, g.url, g.address, g.page_key, g.sha256, g.fetched_at, g.from_night, g.next_night, g.board,
        g.edition, g.seen, g.accepted, g.quarantined, g.updated_on,
        coalesce(o.held, '') as held, coalesce(o.can_last, false) as can_last, coalesce(o.is_old, false) as is_old
    from staging.gate_page g
    left join (
        select
            table_no, arg_min(explanation, (gate, rule)) as held, bool_and(rule = 'older page') as is_old,
            bool_and(rule in ('rows kept', 'leaders kept', 'order kept', 'older page')) as can_last
        from staging.gate_outcome where outcome = 'held' and "of" = 'table' group by table_no
    ) o using (table_no)
    where g.own
),
still_so as (
    select j.table_no, min(s.night) as night
    from judged j
    cross join staging.gate_limit l
    join staging.page_look s
        on
            s.source = j.source and s.url = j.url and s.page_key = j.page_key and s.night >= j.from_night + case when j.is_old then 1 else l.nights_believed_after end
            and (j.next_night is null or s.night < j.next_night)
    where j.can_last
    group by j.table_no
),
let_in as (
    select j.table_no, least(s.night, d.let_in_on) as night, coalesce(d.let_in_on <= coalesce(s.night, d.let_in_on), false) as decided
    from judged j
    left join still_so s using (table_no)
    left join staging.gate_override d using (table_no)
    where s.table_no is not null or d.table_no is not null
),
shown as (
    select j.* exclude (next_night, can_last, is_old) from judged j
    left join let_in i using (table_no)
    where not (i.table_no is not null and i.decided and i.night = j.from_night)
    union all by name
    select j.* exclude (next_night, can_last, is_old) replace (i.night as from_night, '' as held)
    from judged j
    join let_in i using (table_no)
)
select s.* replace (coalesce(r.opens, s.edition) as edition), s.edition as page_edition
from shown s
asof left join staging.rebase r
    on r.source = s.source and r.board = s.board and r.edition = s.edition and r.night <= s.from_night
