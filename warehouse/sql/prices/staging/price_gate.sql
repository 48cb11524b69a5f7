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
with limits as (
    select
        max("limit") filter (where rule = 'price jump') as jump,
        max("limit") filter (where rule = 'price contradicted') as contradicted,
        max("limit") filter (where rule = 'prices agree') as agree,
        max("limit") filter (where rule = 'new price') as apart,
        max("limit") filter (where rule = 'lone price') as lone,
        max("limit") filter (where rule = 'price taken back')::integer as back,
        max("limit") filter (where rule = 'jumps in one list') as share,
        max("limit") filter (where rule = 'offers compared') as compared,
        max("limit") filter (where rule = 'price believed after')::integer as believed
    from seed.gate where gate = 'G12'
),
reading as (
    select source, listing, known_on as read_on from staging.price_by_source
    union
    select s.source, regexp_replace(s.url, '\d{4}-\d\d-\d\d', '*', 'g'), s.night
    from raw.fetch_result s
    where s.night <= night() and (s.source, s.page_key) in (select (source, page_key) from raw.price)
),
listed as (
    select p.*, n.model, r.read_on, lead(p.known_on) over entry as changed_on
    from staging.price_by_source p
    left join staging.resolved_name n on n.source = p.source and n.name = p.name
    asof left join reading r on r.source = p.source and r.listing = p.listing and r.read_on > p.known_on
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
        o.*, case when w.known_on > o.known_on then w.input_usd end as later_read,
        case when w.known_on > o.known_on then w.output_usd end as later_written,
        coalesce(
            later_read > o.input_usd
            and price_ratio(o.input_usd, o.output_usd, later_read, later_written) > o.jump, false
        ) as raised
    from (select offer.*, known_on + l.back as until_on, l.jump from offer cross join limits l) o
    asof left join (select * from offer where read_on is not null) w
        on
            w.source = o.source and w.listing = o.listing and w.name = o.name and w.provider = o.provider
            and coalesce(w.valid_from, date '1970-01-01') = coalesce(o.valid_from, date '1970-01-01')
            and w.known_on <= o.until_on
),
priced as (
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
),
jumped as (
    select source, listing, provider, known_on, count(*) as jumps
    from priced cross join limits l
    where step > l.apart
    group by source, listing, provider, known_on
),
page as (
    select
        j.source, j.listing, j.provider, j.known_on, any_value(j.jumps) as jumps, count(distinct o.name) as offers
    from jumped j
    join priced o
        on
            o.source = j.source and o.listing = j.listing and o.provider = j.provider and o.known_on < j.known_on
            and (o.changed_on is null or o.changed_on >= j.known_on)
    group by j.source, j.listing, j.provider, j.known_on
),
elsewhere as (
    select
        p.n, o.source <> p.source as independent, o.known_on,
        price_ratio(p.input_usd, p.output_usd, o.input_usd, o.output_usd) as ratio,
        price_ratio(p.was_read, p.was_written, o.input_usd, o.output_usd) as ratio_before,
        price_ratio(p.later_read, p.later_written, o.input_usd, o.output_usd) as ratio_next,
        o.known_on <= p.known_on as at_once
    from priced p
    join priced o
        on
            o.model = p.model and (o.source, o.listing, o.name, o.provider) <> (p.source, p.listing, p.name, p.provider)
            and (o.changed_on is null or o.changed_on > p.known_on)
            and (p.changed_on is null or p.changed_on > o.known_on)
            and (o.source, o.listing, o.known_on) <> (p.source, p.listing, p.known_on)
),
others as (
    select
        e.n, count(*) as offers, min(e.ratio) as nearest,
        min(e.known_on) filter (where e.independent and e.ratio <= l.agree) as witnessed_on,
        bool_or(e.at_once and e.ratio_before <= l.agree) as asks_the_old_price,
        bool_or(e.at_once and e.independent and e.ratio_next <= 1.1) as asked_the_next_price
    from elsewhere e cross join limits l
    group by e.n
),
repeated as (
    select p.n, min(r.read_on) as believed_on
    from priced p
    cross join limits l
    join staging.access_span a
        on
            a.model = p.model and is_open(a.tier) and a.from_on <= night()
            and (a.until_on is null or a.until_on > night())
    join reading r
        on
            r.source = p.source and r.listing = p.listing and r.read_on >= p.known_on + l.believed
            and (p.changed_on is null or r.read_on < p.changed_on)
    group by p.n
),
judged as (
    select
        p.*, case when o.nearest <= l.apart * l.apart then a.believed_on end as believed_on,
        case when o.witnessed_on is not null then greatest(p.known_on, o.witnessed_on) end as witnessed_on,
        case
            when exists (select 1 from input.override d where d.sha256 <> '' and starts_with(p.sha256, d.sha256))
                then p.known_on
        end as decided_on,
        coalesce(p.step > l.apart and g.jumps >= l.compared and g.jumps > l.share * g.offers, false) as list_jumps,
        coalesce(p.step > l.contradicted and o.asks_the_old_price and o.nearest > l.agree, false) as contradicted,
        coalesce(p.step > l.jump, false) as jumped,
        coalesce(p.past is null and o.nearest > l.apart, false) as apart,
        p.past is null and o.n is null and least(p.input_usd, p.output_usd) < l.lone as lone,
        (
            p.raised
            or coalesce(o.asked_the_next_price and p.next_step > 1.9, false)
            or coalesce(p.step > l.jump and p.next_step > l.jump and p.input_usd > greatest(p.was_read, p.later_read), false)
        ) as taken_back,
        g.jumps, o.nearest
    from priced p
    cross join limits l
    left join page g
        on g.source = p.source and g.listing = p.listing and g.provider = p.provider and g.known_on = p.known_on
    left join others o on o.n = p.n
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
