-- The store: what every archived page says, and on which nights it was seen.
-- Derived from the archive alone, append-only in effect, private to the writer: delete it and it comes back.
-- Two facts are kept apart: what a page says (keyed by page_key, a function of its bytes and its parser)
-- and when it was seen (sighting). Night order therefore never matters, and a re-run adds nothing.

create schema if not exists raw;

-- One row: the digest of this file when the store was made. Another digest, and the store is made anew.
create table if not exists raw.layout (
    schema_sha256 varchar primary key
);

-- How far each night's log has been read, in bytes.
create table if not exists raw.ingested (
    log varchar primary key,
    bytes bigint not null
);

-- One row per night and address: the night's last good answer, else its last failure.
create table if not exists raw.fetch_result (
    night date not null,
    source varchar not null,
    url varchar not null,            -- the live address
    context varchar not null,        -- what the naming page handed on; part of the page's identity
    outcome varchar not null,        -- fresh | unchanged | unreachable | blocked | gone | drifted | hostile
    page_key varchar,                -- null where no page stands behind the attempt
    sha256 varchar,                  -- of the body in the archive
    size bigint not null,            -- of the body, in bytes
    status integer,                  -- HTTP status, null where none came
    fetched_at timestamp,            -- UTC, when these bytes came
    asked_at timestamp not null,     -- UTC, when the attempt ended
    headers varchar not null,        -- kept response headers, JSON
    error varchar not null           -- what was found, expected and to do; empty where good
);

-- One row per page and parser: how reading it ended.
create table if not exists raw.page (
    source varchar not null,
    page_key varchar not null,
    url varchar not null,
    sha256 varchar not null,
    fingerprint varchar not null,    -- of the parser that read it
    outcome varchar not null,        -- read | drifted | hostile
    error varchar not null
);

-- Addresses a page names, with what it hands on.
create table if not exists raw.link (
    source varchar not null, page_key varchar not null, url varchar not null, context varchar not null
);

-- Rows a page shows per board edition, counted before any is read.
create table if not exists raw.tally (
    source varchar not null, page_key varchar not null, board varchar not null, edition varchar not null,
    rows bigint not null, updated_on date
);

-- Score values as one page says them.
create table if not exists raw.score (
    source varchar not null, page_key varchar not null, board varchar not null, edition varchar not null,
    name varchar not null, developer varchar not null, variant varchar not null,
    value double not null check (isfinite(value)),
    stderr double, n_items bigint, scored_on date, self_reported boolean not null, written varchar not null
);

-- Rows left out by a named rule, counted.
create table if not exists raw.excluded (
    source varchar not null, page_key varchar not null, board varchar not null, edition varchar not null,
    rule varchar not null, rows bigint not null, example varchar not null
);

-- Those of them for which the page shows a number: where on the page they stand.
create table if not exists raw.excluded_value (
    source varchar not null, page_key varchar not null, board varchar not null, edition varchar not null,
    rule varchar not null, name varchar not null, value double not null check (isfinite(value))
);

-- Rows that could not be believed, as their source wrote them.
create table if not exists raw.quarantined (
    source varchar not null, page_key varchar not null, board varchar not null, edition varchar not null,
    name varchar not null, field varchar not null, found varchar not null, expected varchar not null,
    written varchar not null
);

-- Statements on whether weights can be had, with the kind of evidence.
create table if not exists raw.access (
    source varchar not null, page_key varchar not null, name varchar not null, developer varchar not null,
    open boolean, evidence varchar not null, licence varchar not null, repo varchar not null, gated boolean,
    written varchar not null
);

-- Dated events of models.
create table if not exists raw.release (
    source varchar not null, page_key varchar not null, name varchar not null, developer varchar not null,
    event varchar not null, happened_on date not null, written varchar not null
);

-- List prices in USD per million tokens.
create table if not exists raw.price (
    source varchar not null, page_key varchar not null, name varchar not null, provider varchar not null,
    input_usd double not null, output_usd double not null, valid_from date, written varchar not null
);

-- Other quantities of models: parameters, context, training FLOP, downloads.
create table if not exists raw.spec (
    source varchar not null, page_key varchar not null, name varchar not null, developer varchar not null,
    quantity varchar not null, value double not null, written varchar not null
);

-- Items of lab feeds.
create table if not exists raw.announcement (
    source varchar not null, page_key varchar not null, lab varchar not null, title varchar not null,
    link varchar not null, guid varchar not null, published_on date, summary varchar not null
);

-- Incidents of provider status pages; times in UTC.
create table if not exists raw.incident (
    source varchar not null, page_key varchar not null, provider varchar not null, title varchar not null,
    impact varchar not null, started_at timestamp not null, ended_at timestamp, guid varchar not null
);
