-- One row per price that is judged (gate G12), with what came before and after it in its own list: `step`, how many times
-- it is apart from the nearest of its last three prices, and `next_step`, from what the list asks two months later.
-- Free offers and known errors (seed `price_exclusion`) are no prices and are not judged.
with listed as (
    select p.*, n.model, r.read_on, lead(p.known_on) over entry as changed_on
    from staging.price_by_source p
    left join staging.resolved_name n on n.source = p.source and n.name = p.name
    asof left join staging.price_reading r on r.source = p.source and r.listing = p.listing and r.read_on > p.known_on
    window entry as (partition by p.source, p.listing, p.name, p.provider, p.valid_from order by p.known_on)
),
offer as (
    select
        row_number() over (order by source, listing, name, provider, valid_from, known_on) as n,
        * replace (case when read_on < changed_on or changed_on is null then read_on end as read_on)
    from listed t
    where
        input_usd > 0 and output_usd > 0
        and not exists (
            from seed.price_exclusion x
            where
                x.source = t.source and t.name glob x.name
                and t.known_on >= x.known_from and t.known_on < coalesce(x.known_until, date 'infinity')
        )
),
-- What the list asks two months later, where it has repeated it: an error of one night corrects nothing.
followed as (
    select
        o.* exclude (until_on, price_jump), case when w.known_on > o.known_on then w.input_usd end as later_read,
        case when w.known_on > o.known_on then w.output_usd end as later_written,
        coalesce(
            later_read > o.input_usd
            and price_ratio(o.input_usd, o.output_usd, later_read, later_written) > o.price_jump, false
        ) as raised
    from (select offer.*, known_on + l.price_taken_back as until_on, l.price_jump from offer cross join staging.gate_limit l) o
    asof left join (select * from offer where read_on is not null) w
        on
            w.source = o.source and w.listing = o.listing and w.name = o.name and w.provider = o.provider
            and coalesce(w.valid_from, date '1970-01-01') = coalesce(o.valid_from, date '1970-01-01')
            and w.known_on <= o.until_on
)
select
    *,
    list_min(list_transform(
        past[-3:], lambda was: price_ratio(input_usd, output_usd, was.read, was.written)
    )) as step,
    past[-1].read as was_read, past[-1].written as was_written,
    price_ratio(input_usd, output_usd, later_read, later_written) as next_step
from (
    select
        *,
        list(struct_pack(read := input_usd, written := output_usd)) filter (where not raised) over (
            partition by source, listing, name, provider order by known_on
            range between interval 400 days preceding and interval 1 day preceding
        ) as past
    from followed
)
