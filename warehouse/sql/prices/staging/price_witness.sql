-- One row per judged price of a model that others price too at the time: how near the nearest is, the night since which
-- another source agrees, and whether somebody still asks the price before, or asked the next one all along.
with elsewhere as (
    select
        p.n, o.source <> p.source as independent, o.known_on,
        price_ratio(p.input_usd, p.output_usd, o.input_usd, o.output_usd) as ratio,
        price_ratio(p.was_read, p.was_written, o.input_usd, o.output_usd) as ratio_before,
        price_ratio(p.later_read, p.later_written, o.input_usd, o.output_usd) as ratio_next,
        o.known_on <= p.known_on as at_once
    from staging.price_step p
    join staging.price_step o
        on
            o.model = p.model and (o.source, o.listing, o.name, o.provider) <> (p.source, p.listing, p.name, p.provider)
            and (o.changed_on is null or o.changed_on > p.known_on)
            and (p.changed_on is null or p.changed_on > o.known_on)
            and (o.source, o.listing, o.known_on) <> (p.source, p.listing, p.known_on)
)
select
    e.n, count(*) as offers, min(e.ratio) as nearest,
    min(e.known_on) filter (where e.independent and e.ratio <= l.prices_agree) as witnessed_on,
    bool_or(e.at_once and e.ratio_before <= l.prices_agree) as asks_the_old_price,
    bool_or(e.at_once and e.independent and e.ratio_next <= 1.1) as asked_the_next_price
from elsewhere e cross join staging.gate_limit l
group by e.n
