-- One row per scope, edition, licence tier and span of nights in which its row of `gap_index` changes by the calendar
-- alone: a lag grows by a day a night, and so does the age of its table.  `night` is the first one, `nights` how many.
-- An edition is followed from the first night on which comparable sides count until tonight; one that is neither its
-- board's newest nor fresh leaves when it is frozen, and one that a re-base closed ends with the night before it.
-- A composite is as new as the newest table it stands on, and frozen when all of them are.
with composite_seen as (
    select
        i.scope, max(e.observed_on) as observed_on, max(e.observed_on + b.frozen_after_days)::date + 1 as frozen_from
    from computed.item i
    join staging.edition_seen e on e.board = i.board and e.edition = i.edition
    join staging.board_rhythm b on b.board = i.board
    group by i.scope
),
followed as (
    -- While the same models lead; `until_on` is the night after the last.
    select
        'board' as scope_kind, s.board as scope, s.edition, s.tier, s.valid_from as since, e.observed_on,
        e.observed_on + w.frozen_after_days + 1 as frozen_from,
        e.observed_on + w.overdue_after_days + 1 as overdue_from,
        greatest(s.valid_from, date '2023-01-01') as from_on,
        least(s.next_on, night() + 1, e.ended_on, case when not e.newest then frozen_from end) as until_on
    from staging.frontier_state s
    join staging.edition_seen e on e.board = s.board and e.edition = s.edition
    join staging.board_rhythm w on w.board = s.board
    union all
    select
        case b.scope when 'overall' then 'overall' else 'domain' end, b.scope, composite_edition(), b.tier, b.valid_from,
        s.observed_on, s.frozen_from, null, greatest(b.valid_from, date '2023-01-01'), least(b.next_on, night() + 1)
    from computed.ability_band b
    join composite_seen s on s.scope = b.scope
),
nowcast_from as (
    -- The nowcast of a night depends on the full weeks since it, up to 60 days ago; 59 begin the oldest.
    select unnest([night() - 59, night() - 55, night() - 48, night() - 41, night() - 34, night() - 27, night() - 20, night() - 13, night() - 6]) as night
),
turns as (
    select scope, edition, tier, since, from_on, until_on, unnest([from_on, observed_on, overdue_from, frozen_from, night()]) as night
    from followed
    union
    -- The last 60 nights: the nowcast changes, and what may have come since the last table widens the interval every night.
    select
        scope, edition, tier, since, from_on, until_on, unnest(list_concat(
            (select list(night) from nowcast_from),
            generate_series(greatest(overdue_from, night() - 59), least(frozen_from, night()), interval 1 day)::date[]
        ))
    from followed
    where until_on > night() - 59
    union
    select f.scope, f.edition, f.tier, f.since, f.from_on, f.until_on, c.valid_from
    from followed f
    join (
        select scope, edition, tier, valid_from from staging.coverage
        qualify scored is distinct from lag(scored) over (partition by scope, edition, tier, side order by valid_from)
    ) c on c.scope = f.scope and c.edition = f.edition and c.tier = f.tier and c.valid_from >= f.from_on and c.valid_from < f.until_on
),
spans as (
    select
        * exclude (from_on, until_on),
        (coalesce(lead(night) over (partition by scope, edition, tier, since order by night), until_on) - night)::integer as nights
    from turns
    where night >= from_on and night < until_on
)
select
    f.scope_kind, s.scope, s.edition, s.tier, s.since, s.night, s.nights, f.observed_on,
    coalesce(s.night >= f.overdue_from, false) as overdue, s.night >= f.frozen_from as frozen
from spans s
join followed f using (scope, edition, tier, since)
