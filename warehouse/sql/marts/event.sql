-- One row per thing that happened, as known tonight; alerts are these rows less what was delivered (docs/events.md).
-- An event that was taken back stays, with its new state, and a second row says so and names it in `retracts`.
with parity as (
    select
        event_id, 'parity' as kind, state, scope_kind, scope, edition, tier, domain, grade,
        open_model as model, closed_model as other_model, open_on as happened_on, known_on, state_on, counts, backfilled,
        concat(
            open_title, case grade when 'match' then ' matches ' when 'parity' then ' reaches parity with '
                else ' overtakes ' end, closed_title, ' on ', scope_title,
            case when days > 0 then format(', {} {} after', days, if(days = 1, 'day', 'days'))
                when days = 0 then ', on the same day'
                else format(', having come {} {} before', -days, if(days = -1, 'day', 'days')) end) as headline,
        to_json(struct_pack(
            scope_title := scope_title, unit := unit, days := days,
            open := struct_pack(model := open_model, title := open_title, score := open_score, counts_from := open_on),
            closed := struct_pack(
                model := closed_model, title := closed_title, score := closed_score, counts_from := closed_on),
            difference := difference, lo := round(difference_lo, 6), hi := round(difference_hi, 6),
            margin := margin, standard_error := standard_error, n_instruments := n_instruments, boards := boards,
            level_on := level_on, behind_on := behind_on,
            evidence := list_filter([open_page, closed_page], lambda page: page is not null)))::varchar as facts
    from staging.event_parity
),
leader as (
    select
        sha256(concat_ws('|', side || '-leader', l.scope, l.edition, l.tier, l.model, '1')) as event_id,
        side || '-leader' as kind,
        case when undone then 'retracted' when confirmed_on is null then 'provisional' else 'confirmed' end as state,
        l.scope_kind, l.scope, l.edition, l.tier, l.domain, '' as grade, l.model, l.before_model as other_model,
        l.from_on as happened_on, l.valid_from as known_on,
        case when undone then undone_on else coalesce(confirmed_on, l.valid_from) end as state_on,
        coalesce(b.counts_for_index, true) as counts, l.valid_from <= l.first_seen_on as backfilled,
        concat(
            m.title, case side when 'open' then ' leads the open-weight models on ' else ' leads the closed models on ' end,
            coalesce(b.title, case l.scope_kind when 'overall' then 'the overall index'
                else 'the ' || l.scope || ' index' end),
            case when l.tier = 'T1' then ' under an unrestricted licence' else '' end,
            ', ahead of ' || o.title) as headline,
        to_json(struct_pack(
            scope_title := coalesce(b.title, l.scope), unit := coalesce(b.unit, 'index points'),
            leader := struct_pack(model := l.model, title := m.title, score := l.value, counts_from := l.from_on),
            before := struct_pack(model := l.before_model, title := o.title, score := l.before_value),
            difference := round(l.signed - l.before_signed, 9),
            lo := round(l.signed - l.before_signed - 1.645 * sqrt(l.stderr ** 2 + l.before_stderr ** 2), 6),
            hi := round(l.signed - l.before_signed + 1.645 * sqrt(l.stderr ** 2 + l.before_stderr ** 2), 6),
            evidence := list_filter([v.page], lambda page: page is not null)))::varchar as facts
    from staging.event_leader l
    left join seed.board b on b.board = l.scope
    left join marts.model m on m.model = l.model
    left join marts.model o on o.model = l.before_model
    left join staging.event_evidence v
        on v.board = l.scope and v.edition = l.edition and v.model = l.model and v.value = l.value
),
weights as (
    select
        sha256(concat_ws('|', 'weights-published', w.model, '1')) as event_id, 'weights-published' as kind,
        'confirmed' as state, 'model' as scope_kind, m.developer as scope, '' as edition, w.tier, '' as domain,
        '' as grade, w.model, null as other_model, w.from_on as happened_on, w.known_on, w.known_on as state_on,
        true as counts, w.known_on - w.from_on > 30 as backfilled,
        concat(d.title, ' publishes the weights of ', m.title,
            coalesce(' under ' || nullif(w.licence, ''), '')) as headline,
        to_json(struct_pack(
            lab := m.developer, lab_title := d.title, title := m.title, licence := w.licence, access_tier := w.tier,
            counts_from := w.from_on, evidence_kind := w.evidence, told_by := w.source,
            parameters := m.parameters, hub_repo := m.hub_repo))::varchar as facts
    from staging.event_weights w
    join marts.model m on m.model = w.model and m.known
    join seed.developer d on d.developer = m.developer and d.hub_owners is not null
),
access as (
    select
        sha256(concat_ws('|', 'access-changed', a.model, a.from_on, a.tier, '1')) as event_id,
        'access-changed' as kind, 'confirmed' as state, 'model' as scope_kind, m.developer as scope, '' as edition,
        a.tier, '' as domain, '' as grade, a.model, null as other_model, a.from_on as happened_on, a.known_on,
        a.known_on as state_on, true as counts, a.known_on - a.from_on > 30 as backfilled,
        concat(m.title, case when a.tier = 'C' then ' can no longer be downloaded'
            when a.tier = 'U' then ': nobody can say whether it can be downloaded'
            when a.before_tier = 'C' then ' can now be downloaded' else ' has another licence' end,
            coalesce(': ' || nullif(a.licence, ''), '')) as headline,
        to_json(struct_pack(
            lab := m.developer, title := m.title, before := a.before_tier, access_tier := a.tier,
            licence_before := a.before_licence, licence := a.licence, counts_from := a.from_on,
            evidence_kind := a.evidence, told_by := a.source))::varchar as facts
    from staging.event_access a
    join marts.model m on m.model = a.model and m.known
),
moved as (
    select
        sha256(concat_ws('|', 'gap-moved', scope_kind, scope, edition, tier, what, night, '1')) as event_id,
        'gap-moved' as kind, 'confirmed' as state, scope_kind, scope, edition, tier, g.domain, what as grade,
        null as model, null as other_model, night as happened_on, night as known_on, night as state_on,
        coalesce(b.counts_for_index, true) as counts, false as backfilled,
        format('The {} on {} moved from {:.4g} to {:.4g} {}', what, coalesce(b.title, case scope_kind
            when 'overall' then 'the overall index' else 'the ' || scope || ' index' end),
            before_value, value, g.unit) as headline,
        to_json(struct_pack(
            scope_title := coalesce(b.title, scope), what := what, unit := g.unit,
            "before" := struct_pack(night := before_on, value := before_value, lo := before_lo, hi := before_hi),
            now := struct_pack(night := night, value := value, lo := lo, hi := hi)))::varchar as facts
    from staging.event_gap g
    left join seed.board b on b.board = g.scope
),
verdict as (
    select
        sha256(concat_ws('|', 'claim-changed', claim_id, night, verdict, '1')) as event_id, 'claim-changed' as kind,
        'confirmed' as state, 'claim' as scope_kind, claim_id as scope, '' as edition, '' as tier, '' as domain,
        '' as grade, null as model, null as other_model, night as happened_on, night as known_on, night as state_on,
        true as counts, false as backfilled,
        format('Verdict on "{}" is now {}; it was {}', claim, verdict, before_verdict) as headline,
        to_json(struct_pack(
            claim_id := claim_id, claim := claim, measure := measure, unit := unit, explanation := explanation,
            n_boards := n_boards,
            "before" := struct_pack(
                night := before_on, verdict := before_verdict, estimate := before_estimate, lo := before_lo,
                hi := before_hi),
            now := struct_pack(night := night, verdict := verdict, estimate := estimate, lo := lo, hi := hi)
        ))::varchar as facts
    from staging.event_claim
),
trouble as (
    select
        sha256(concat_ws('|', kind, source, troubled_on, '1')) as event_id, kind, 'confirmed' as state,
        'source' as scope_kind, source as scope, '' as edition, '' as tier, '' as domain, '' as grade, null as model,
        null as other_model, troubled_on as happened_on,
        case kind when 'source-drifted' then troubled_on else coalesce(last_good_on, troubled_on) + 3 end as known_on,
        case kind when 'source-drifted' then troubled_on else coalesce(last_good_on, troubled_on) + 3 end as state_on,
        true as counts, false as backfilled,
        case kind when 'source-drifted' then format('{} does not read as it used to', source)
            else format('{} has given nothing since {}', source,
                coalesce(strftime(last_good_on, '%Y-%m-%d'), 'it was first asked')) end as headline,
        to_json(struct_pack(
            source := source, outcome := outcome, found := error, last_good_on := last_good_on,
            stale_days := stale_days))::varchar as facts
    from staging.event_source, unnest(['source-drifted', 'source-stale']) k(kind)
    where case kind when 'source-drifted' then outcome = 'drifted' else stale_days >= 3 end
),
every as (
    from parity
    union all by name from leader
    union all by name from weights
    union all by name from access
    union all by name from moved
    union all by name from verdict
    union all by name from trouble
),
taken_back as (
    select
        * replace (
            sha256(state || '|' || event_id) as event_id, state_on as known_on,
            concat(case state when 'retracted' then 'Retracted: ' else 'Superseded: ' end, headline) as headline),
        event_id as retracts
    from every
    where state in ('retracted', 'superseded') and grade <> 'match'
)
select
    event_id,                                                       -- digest of kind, scope, edition, subjects and the version of the definition
    kind,                                                           -- parity | open-leader | closed-leader | weights-published | access-changed | claim-changed | gap-moved | source-stale | source-drifted
    state,                                                          -- candidate | provisional | confirmed | retracted | superseded
    scope_kind,                                                     -- board | domain | overall | model | claim | source
    scope,                                                          -- the board, domain, lab, claim or source
    edition,                                                        -- the board's edition; empty where there is none
    tier,                                                           -- any | T1; of a model: its tier; empty where there is none
    domain,                                                         -- kind of ability; empty where there is none
    grade,                                                          -- of parity: match | parity | lead; of gap-moved: gap | lag
    model,                                                          -- whom it is about
    other_model,                                                    -- the model reached, or led before
    happened_on,                                                    -- date it counts from
    known_on,                                                       -- night on which we found it
    state_on,                                                       -- night on which it came to its present state
    headline,                                                       -- one sentence
    facts,                                                          -- numbers, titles and evidence, as JSON
    counts,                                                         -- false: on a board that does not count for the index
    backfilled,                                                     -- true: it was there when we first looked
    retracts                                                        -- event_id of the event this row takes back or replaces
from (select *, null as retracts from every union all by name from taken_back)
