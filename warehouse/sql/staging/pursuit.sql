-- One row per closed frontier record and the first open model at or above it, or none (METHOD section 4, grade match).
-- A record must raise the closed frontier by more than the joint standard error where the board states errors.
with steps as (
    select e.*, max(e.signed) over earlier as before,
        arg_max_null(e.stderr, e.signed) over earlier as before_stderr
    from staging.entry e
    where e.side = 'closed'
    window earlier as (
        partition by e.board, e.edition, e.tier order by e.from_on, e.signed desc, e.model
        rows between unbounded preceding and 1 preceding)
),
records as (
    select * from steps
    where before is null or signed - before > coalesce(sqrt(stderr ** 2 + before_stderr ** 2), 0)
)
select
    c.board, c.edition, c.tier, c.model as closed_model, c.title as closed_title, c.value as closed_score,
    c.from_on as closed_on, c.until_on as closed_until, c.first_known_on as closed_known_on,
    c.stderr as closed_stderr,
    o.model as open_model, o.title as open_title, o.value as open_score, o.from_on as open_on,
    o.first_known_on as open_known_on, o.stderr as open_stderr
from records c
left join staging.entry o
    on o.board = c.board and o.edition = c.edition and o.tier = c.tier and o.side = 'open' and o.signed >= c.signed
    and o.from_on <= (select night from seed.night) and o.model <> c.model
where c.from_on <= (select night from seed.night)
qualify row_number() over (
    partition by c.board, c.edition, c.tier, c.model order by o.from_on nulls last, o.signed desc, o.model) = 1
