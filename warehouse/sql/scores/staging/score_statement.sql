-- One row per value and the page that first stated it: bundled history and our own pages alike.
-- A run listed twice in one table (same model, variant and date) counts once, with its better value.
-- A row that a gate holds for a night counts from the night on which it is shown again.
select
    r.source, r.board, p.edition, r.name, r.variant, r.scored_on,
    arg_max(struct_pack(
        developer := r.developer, value := r.value, stderr := r.stderr, n_items := r.n_items,
        self_reported := r.self_reported, written := r.written
    ), (
        better_is_more(b.better, r.value), not r.self_reported, r.written, r.stderr, r.n_items,
        r.developer
    )) as stated,
    p.url, p.page_key, p.sha256, p.fetched_at, greatest(p.from_night, h.believed_on) as known_on
from staging.accepted_table p
join raw.score r
    on r.source = p.source and r.page_key = p.page_key and r.board = p.board and r.edition = p.page_edition and p.held = ''
join input.board b on b.board = r.board
left join staging.held_score h
    on h.table_no = p.table_no and h.name = r.name and h.variant = r.variant and h.scored_on is not distinct from r.scored_on
where h.table_no is null or h.believed_on is not null
group by all
union all by name
select
    h.source, h.board, h.edition, h.name, h.variant, h.scored_on,
    struct_pack(
        developer := h.developer, value := h.value, stderr := h.stderr, n_items := h.n_items,
        self_reported := h.self_reported, written := h.written
    ) as stated,
    h.url, h.page_key, h.sha256, h.fetched_at, h.known_on
from history.score h
