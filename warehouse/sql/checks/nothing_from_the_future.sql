-- Rows that claim to know or to be something after the night: when we knew of it, and dates that count as facts.
-- What a source says of its own plans (a price valid from tomorrow, a release date ahead) may lie beyond the night.
with found as (
    select 'score' as "table", name::varchar as name, greatest(known_on, gone_since) as happened_on from marts.score
    union all
    select 'score_history' as "table", name::varchar as name, known_on as happened_on from marts.score_history
    union all
    select 'announcement' as "table", title::varchar as name, known_on as happened_on from marts.announcement
    union all
    select 'event' as "table", event_id::varchar as name, greatest(happened_on, known_on, state_on) as happened_on from marts.event
    union all
    select 'gap_index' as "table", scope::varchar as name, greatest(night, closed_on, open_on, observed_on) as happened_on from marts.gap_index
    union all
    select 'gap_index_vintage' as "table", scope::varchar as name, greatest(night, closed_on, open_on, observed_on) as happened_on from marts.gap_index_vintage
    union all
    select 'gate' as "table", rule::varchar as name, greatest(night, first_on) as happened_on from marts.gate
    union all
    select 'incident' as "table", title::varchar as name, known_on as happened_on from marts.incident
    union all
    select 'model' as "table", model::varchar as name, greatest(announced_on, available_on, weights_on) as happened_on from marts.model
    union all
    select 'model_access' as "table", model::varchar as name, greatest(from_on, until_on) as happened_on from marts.model_access
    union all
    select 'model_choice' as "table", model::varchar as name, greatest(open_on, closed_on, listed_on) as happened_on from marts.model_choice
    union all
    select 'model_spec' as "table", model::varchar as name, known_on as happened_on from marts.model_spec
    union all
    select 'parity_event' as "table", event_id::varchar as name, greatest(closed_on, open_on, known_on, confirmed_on, retracted_on, superseded_on) as happened_on from marts.parity_event
    union all
    select 'price' as "table", name::varchar as name, known_on as happened_on from marts.price
    union all
    select 'quarantine' as "table", source::varchar as name, greatest(known_on, believed_on) as happened_on from marts.quarantine
    union all
    select 'release' as "table", model::varchar as name, greatest(announced_on, api_on, available_on, weights_on, first_listed_on, hub_created_on, first_scored_on) as happened_on from marts.release
    union all
    select 'release_by_source' as "table", name::varchar as name, known_on as happened_on from marts.release_by_source
    union all
    select 'time_to_parity' as "table", closed_model::varchar as name, greatest(closed_on, open_on) as happened_on from marts.time_to_parity
    union all
    select 'capability_price' as "table", level::varchar as name, greatest(from_on, until_on, known_on) as happened_on from marts.capability_price
    union all
    select 'frontier' as "table", model::varchar as name, greatest(from_on, until_on) as happened_on from marts.frontier
    union all
    select 'ability' as "table", model::varchar as name, night as happened_on from marts.ability
    union all
    select 'announcement_model' as "table", model::varchar as name, known_on as happened_on from marts.announcement_model
    union all
    select 'board_health' as "table", board::varchar as name, last_accepted_on as happened_on from marts.board_health
    union all
    select 'capability_price_trend' as "table", level::varchar as name, greatest(first_on, floor_since) as happened_on from marts.capability_price_trend
    union all
    select 'claim_verdict' as "table", claim_id::varchar as name, night as happened_on from marts.claim_verdict
    union all
    select 'claim_verdict_vintage' as "table", claim_id::varchar as name, night as happened_on from marts.claim_verdict_vintage
    union all
    select 'composite_drift' as "table", scope::varchar as name, greatest(night, previous_night) as happened_on from marts.composite_drift
    union all
    select 'country_gap' as "table", closed_country::varchar as name, greatest(from_on, until_on) as happened_on from marts.country_gap
    union all
    select 'depth' as "table", tier::varchar as name, greatest(quarter, ends_on) as happened_on from marts.depth
    union all
    select 'event_state' as "table", event_id::varchar as name, greatest(happened_on, known_on, state_on, night) as happened_on from marts.event_state
    union all
    select 'exposure' as "table", sample::varchar as name, night as happened_on from marts.exposure
    union all
    select 'gap_index_revision' as "table", scope::varchar as name, greatest(night, revised_on) as happened_on from marts.gap_index_revision
    union all
    select 'hardware_best' as "table", class::varchar as name, greatest(open_on, closed_on) as happened_on from marts.hardware_best
    union all
    select 'page_fetch' as "table", url::varchar as name, night as happened_on from marts.page_fetch
    union all
    select 'peer_estimate' as "table", peer::varchar as name, greatest(published_on, from_on) as happened_on from marts.peer_estimate
    union all
    select 'run' as "table", run_id::varchar as name, night as happened_on from marts.run
    union all
    select 'source_health' as "table", source::varchar as name, last_good_on as happened_on from marts.source_health
)
select "table", name, happened_on from found where happened_on > night()
