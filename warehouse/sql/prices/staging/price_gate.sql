-- One row per row of `staging.price_by_source`, with the result of gate G12: `held` is empty where the price counts.
-- Free offers and known errors (seed `price_exclusion`) are no prices and are not judged.
-- A price is compared with three things: the offer's own last prices, the same model's price elsewhere, and what the
-- list asked later.  `believed_on`: the night since which a price that jumped counts; NULL: it never waited, or waits.
-- - A second witness (another source, within a factor of 2) settles every doubt.
-- - A jump by more than a factor of 5 waits for a second reading of its list.
-- - One that nobody else follows while somebody still asks the old price waits for a witness, as does a new offer that is
--   ten times away from every other.  Sellers of an open-weight model do differ: there it counts after a fortnight,
--   unless it is a hundred times away.
-- - Many jumps of one seller's offers on one night are a change of unit: they wait for a witness, one by one.
-- - In hindsight a price was a slip where its list took it back, or moved to what others had asked all along.
with jumped as (
    select source, listing, provider, known_on, count(*) as jumps
    from staging.price_step cross join staging.gate_limit l
    where step > l.new_price
    group by source, listing, provider, known_on
),
page as (
    select
        j.source, j.listing, j.provider, j.known_on, any_value(j.jumps) as jumps, count(distinct o.name) as offers
    from jumped j
    join staging.price_step o
        on
            o.source = j.source and o.listing = j.listing and o.provider = j.provider and o.known_on < j.known_on
            and (o.changed_on is null or o.changed_on >= j.known_on)
    group by j.source, j.listing, j.provider, j.known_on
),
repeated as (
    select p.n, min(r.read_on) as believed_on
    from staging.price_step p
    cross join staging.gate_limit l
    join staging.access_span a
        on
            a.model = p.model and is_open(a.tier) and a.until_on is null
    join staging.price_reading r
        on
            r.source = p.source and r.listing = p.listing and r.read_on >= p.known_on + l.price_believed_after
            and (p.changed_on is null or r.read_on < p.changed_on)
    group by p.n
),
judged as (
    select
        p.*, case when o.nearest <= l.new_price * l.new_price then a.believed_on end as believed_on,
        case when o.witnessed_on is not null then greatest(p.known_on, o.witnessed_on) end as witnessed_on,
        case
            when exists (select 1 from input.override d where d.sha256 <> '' and starts_with(p.sha256, d.sha256))
                then p.known_on
        end as decided_on,
        coalesce(p.step > l.new_price and g.jumps >= l.offers_compared and g.jumps > l.jumps_in_one_list * g.offers, false) as list_jumps,
        coalesce(p.step > l.price_contradicted and o.asks_the_old_price and o.nearest > l.prices_agree, false) as contradicted,
        coalesce(p.step > l.price_jump, false) as jumped,
        coalesce(p.past is null and o.nearest > l.new_price, false) as apart,
        p.past is null and o.n is null and least(p.input_usd, p.output_usd) < l.lone_price as lone,
        (
            p.raised
            or coalesce(o.asked_the_next_price and p.next_step > 1.9, false)
            or coalesce(p.step > l.price_jump and p.next_step > l.price_jump and p.input_usd > greatest(p.was_read, p.later_read), false)
        ) as taken_back,
        g.jumps, o.nearest
    from staging.price_step p
    cross join staging.gate_limit l
    left join page g
        on g.source = p.source and g.listing = p.listing and g.provider = p.provider and g.known_on = p.known_on
    left join staging.price_witness o on o.n = p.n
    left join repeated a on a.n = p.n
),
reasoned as (
    select
        *,
        case
            when taken_back then 'price taken back'
            when list_jumps then 'jumps in one list'
            when contradicted then 'price contradicted'
            when apart then 'new price'
            when jumped then 'price jump'
            when lone then 'lone price'
        end as rule,
        coalesce(
            decided_on, witnessed_on,
            case when not (taken_back or list_jumps) then case when contradicted or apart then believed_on else read_on end end
        ) as settled_on
    from judged
)
select
    o.source, o.listing, o.known_on, o.name, o.provider, o.valid_from, o.input_usd, o.output_usd, o.url, o.sha256, r.model,
    coalesce(r.rule, '') as rule,
    case when r.rule is not null then r.settled_on end as believed_on,
    case
        when r.rule is null or r.settled_on is not null then ''
        when r.rule = 'price taken back'
            then format(
                '{:g} read and {:g} written; its list soon asked {:g} and {:g}', r.input_usd, r.output_usd,
                r.later_read, r.later_written
            )
        when r.rule = 'jumps in one list'
            then format('{:g} read and {:g} written; {} offers of the list jumped at once: another unit?', r.input_usd, r.output_usd, r.jumps)
        when r.rule in ('price contradicted', 'price jump')
            then format(
                '{:g} read and {:g} written after {:g} and {:g}{}', r.input_usd, r.output_usd, r.was_read, r.was_written,
                case r.rule when 'price contradicted' then ', which others still ask' else '' end
            )
        when r.rule = 'new price'
            then format('{:g} read and {:g} written; the nearest other price is {:.0f} times away', r.input_usd, r.output_usd, r.nearest)
        else format('{:g} read and {:g} written, and no other source prices the model', r.input_usd, r.output_usd)
    end as held,
    r.step, r.changed_on
from staging.price_by_source o
left join reasoned r
    on
        r.source = o.source and r.listing = o.listing and r.name = o.name and r.provider = o.provider
        and r.valid_from is not distinct from o.valid_from and r.known_on = o.known_on
