-- One row per board: the newest table of it that was accepted, and what stands in the way of a newer one.  A source is
-- read as long as any page of it is: Arena's boards drifted for eleven weeks while two index pages were still read.
-- Key: board
with shown as (
    select p.board, max(s.night) as accepted_on
    from staging.accepted_table p
    join raw.fetch_result s
        on s.source = p.source and s.url = p.url and s.page_key = p.page_key and s.night >= p.from_night
    where p.held = '' and p.accepted > 0
    group by p.board
),
remembered as (
    select board, max(known_on) as accepted_on from history.accepted_table
    group by board
),
newest as (
    select board, arg_max(held, (from_night, table_no)) as held from staging.accepted_table group by board
),
asked as (
    -- As of the night its source was last asked: a run over other sources ends no trouble.
    select
        s.source, s.night as asked_on, bool_or(coalesce(p.outcome = 'read', false)) as read,
        arg_min(p.error, s.url) filter (where p.outcome = 'drifted') as refused
    from raw.fetch_result s
    left join raw.page p on p.source = s.source and p.page_key = s.page_key
    group by s.source, s.night
    qualify row_number() over (partition by s.source order by s.night desc) = 1
),
judged as (
    select
        b.board, b.source, b.counts_for_index, n.held, a.refused,
        greatest(t.accepted_on, m.accepted_on) as last_accepted_on,
        case
            when a.source is null then 'not asked'
            when not a.read then 'source not read'
            when t.accepted_on = a.asked_on then 'accepted'
            when nullif(n.held, '') is not null then 'held'
            when a.refused is not null then 'drifted'
            else 'not listed'
        end as outcome
    from input.board b
    left join shown t using (board)
    left join remembered m using (board)
    left join newest n using (board)
    left join asked a using (source)
)
select
    j.board,                                                        -- the board
    j.source,                                                       -- the source it is read from
    j.counts_for_index,                                             -- whether it enters domains and overall
    j.outcome,                                                      -- of the night its source was last asked: accepted | held | drifted | not listed | source not read | not asked
    j.last_accepted_on,                                             -- last night on which its source showed a table that was accepted, bundled history included
    (n.night - j.last_accepted_on)::integer as stale_days,          -- days since
    j.counts_for_index and j.outcome in ('held', 'drifted', 'not listed')
    and coalesce(n.night - j.last_accepted_on >= if(j.outcome = 'drifted', 1, 3), false) as in_trouble,  -- true: counts, and its source is read, and it is not: for the operator
    case j.outcome
        when 'held' then j.held
        when 'drifted' then j.refused
        when 'not listed' then 'no page of its source lists it'
        else ''
    end as error                                                    -- what was found
from judged j
cross join input.night n
