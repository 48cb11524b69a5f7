-- One row per closed record, night of news and open model near or above it: the result of each grade's test then.
-- Margins come from `seeds/margin.csv`, by way of `staging.level_history`.  Parity: the lower one-sided 95 % bound of
-- (open - closed) lies above -margin.  The margin of a board is never below half its resolution, that of the composite
-- and its domains is fixed.  Lead: the bound lies above zero.  Holm's correction runs over the open models that came on
-- the same night.
-- Parts: scope, by staging.closed_record.scope, staging.asof_scores.scope
with cohort as (
    select scope, edition, valid_from, entered_on, count(*) as size
    from staging.asof_scores where side = 'open'
    group by all
),
pairs as materialized (
    select
        row_number() over () as pair_no, c.record_no, c.scope_kind, c.scope, c.edition, c.valid_from, c.domain, o.tiers,
        c.model as closed_model, c.value as closed_score, c.from_on as closed_on, c.stderr as closed_stderr,
        c.first_known_on as closed_known_on,
        o.model as open_model, o.value as open_score, o.from_on as open_on, o.first_known_on as open_known_on,
        o.signed as open_signed, o.entered_on, h.size, c.first_seen_on, c.third_party,
        greatest(c.known_from, o.known_from) as levels_from,
        least(c.n_instruments, o.n_instruments) as n_instruments,
        o.signed - c.signed as difference,
        sqrt(o.stderr ** 2 + c.stderr ** 2) as standard_error,
        case c.scope_kind
            when 'board' then greatest(c.margin, 0.5 * z_resolution() * sqrt(o.stderr ** 2 + c.stderr ** 2))
            else c.margin
        end as margin
    from (select *, row_number() over () as record_no from staging.closed_record) c
    join staging.asof_scores o
        on
            o.scope = c.scope and o.edition = c.edition and o.valid_from = c.valid_from and o.side = 'open' and o.model <> c.model
            and o.share >= least_share()
            and o.signed - c.signed > -greatest(c.margin, coalesce(2.5 * sqrt(o.stderr ** 2 + c.stderr ** 2), 0))
    join cohort h
        on h.scope = o.scope and h.edition = o.edition and h.valid_from = o.valid_from and h.entered_on = o.entered_on
),
-- Windows sort what they carry, so they carry numbers.
ranked as (
    select
        pair_no, record_no, entered_on, size, difference, margin, standard_error, row_number() over (
            partition by record_no, entered_on order by (difference + margin) / standard_error desc nulls last, open_model
        ) as place
    from pairs
),
stepped as (
    select
        r.pair_no,
        bool_and(coalesce(difference + margin > k.z * standard_error, false)) over down as is_parity,
        bool_and(coalesce(difference > k.z * standard_error, false)) over down as is_lead
    from ranked r
    join computed.critical k on k."left" = r.size - r.place + 1
    window down as (
        partition by record_no, entered_on order by place rows between unbounded preceding and current row
    )
)
select
    p.* exclude (pair_no, record_no, size), s.is_parity, s.is_lead,
    p.difference >= 0 as is_match,
    p.standard_error is not null and p.margin < z90() * p.standard_error as underpowered
from pairs p
join stepped s using (pair_no)
