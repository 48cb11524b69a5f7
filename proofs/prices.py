"""Gates G12 and G13 over the whole bundled record: what they held, what waited without need, and the known slips.

    python -m proofs.prices

It builds from the bundled history alone and judges each price list as of every night on which one changed, so a price
is first judged as it was on its own night.  A *false alarm* is a price that was held on its first night and counted
later: a witness came, or the list repeated it.  `KNOWN` are the slips of the record that were looked into by hand.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import duckdb

from collectors.registry import sources
from flows.settings import be_quiet
from warehouse.build import built
from warehouse.statements import prepare, statements
from warehouse.store import Store

NIGHT = date(2026, 6, 14)
KNOWN = (
    ("litellm-prices", "gemini-1.0-*", "*", "2024-06-17", "2024-07-01", "per character for per token"),
    ("litellm-prices", "gemini-pro*", "*", "2024-06-17", "2024-07-01", "per character for per token"),
    ("litellm-prices", "gemini-1.5-*", "*", "2024-05-14", "2024-07-01", "per character for per token"),
    ("litellm-prices", "gemini-1.5-*", "*", "2024-10-17", "2024-11-08", "per character for per token"),
    ("litellm-prices", "gemini/gemini-1.5-pro*", "*", "2024-06-17", "2024-07-18", "the price of Gemini 1.5 Flash"),
    (
        "litellm-prices",
        "gemini/gemini-1.5-pro-latest",
        "*",
        "2024-07-18",
        "9999-01-01",
        "read at Pro's, written at Flash's",
    ),
    (
        "litellm-prices",
        "eu.anthropic.claude-3-5-haiku*",
        "*",
        "2025-02-11",
        "9999-01-01",
        "the price of Claude 3 Haiku",
    ),
    ("litellm-prices", "hyperbolic/*405B-Instruct", "*", "2025-07-26", "9999-01-01", "a hundredth of the price"),
    ("litellm-prices", "openrouter/qwen/qwen-vl-plus", "*", "2025-07-26", "2025-07-30", "a thousand times the price"),
    (
        "litellm-prices",
        "databricks/databricks-claude-3-7-*",
        "*",
        "2025-05-11",
        "2025-05-24",
        "written at ten times the price",
    ),
    ("litellm-prices", "vertex_ai/claude-3-opus@20240229", "*", "2024-04-23", "2024-06-06", "a tenth of the price"),
    ("litellm-prices", "oci/xai.grok-[34]", "*", "2025-01-01", "9999-01-01", "written at a hundredth of the price"),
    ("simonw-llm-prices", "gemini-2.5-flash", "*", "2025-10-10", "2025-11-24", "the price of the preview"),
    ("simonw-llm-prices", "gemini-2.5-flash-thinking", "*", "2025-10-10", "2025-11-24", "the price of the preview"),
    ("genai-prices", "meta.llama3-8b-instruct-v1%3A0", "aws", "2025-06-22", "9999-01-01", "a thousand times the price"),
    ("genai-prices", "sonar", "perplexity", "2025-06-22", "2025-07-05", "ten times the price"),
    ("genai-prices", "sonar-pro", "perplexity", "2025-06-22", "2025-07-05", "ten times the price"),
    ("genai-prices", "sonar-reasoning", "perplexity", "2025-06-22", "2025-07-05", "ten times the price"),
    ("genai-prices", "deepseek-chat", "deepseek", "2025-06-22", "2025-07-05", "a twentieth of the price"),
)
OF_KNOWN = """k.source = v.source and v.name glob k.name and v.provider glob k.provider
    and v.known_on >= k.first and v.known_on < k.last"""
"""The condition by which a price ``v`` is one of the slips ``k``."""

COPIED = (
    "staging.price_by_source",
    "staging.resolved_name",
    "staging.access_span",
    "raw.fetch_result",
    "raw.price",
    "input.override",
    "seed.gate",
    "seed.price_exclusion",
)


def main() -> int:
    """Prints what the gates did; 1 if a known slip counts tonight that neither a gate nor the seed holds."""
    be_quiet()
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store.duckdb"
        with Store(store):
            pass
        with built(store, NIGHT, sources()) as db:
            _show(
                "as known on the last night",
                db,
                """select gate, rule, count(*) as stated, count(*) filter (outcome = 'held') as held,
                       count(*) filter (outcome = 'pass') as counted_later
                   from marts.gate where gate in ('G12', 'G13') group by all order by all""",
            )
            first = _first_nights(db)
    _show(
        "on the night each price was first listed",
        first,
        """select rule, count(*) as held, count(*) filter (counted) as counted_later,
               count(*) filter (known) as known_slips
           from judged where held group by all order by all""",
    )
    _show(
        "known slips",
        first,
        f"""select k.source, k.name, k.what, count(*) as prices, count(*) filter (v.held) as held_first_night,
               count(*) filter (not v.counted or v.excluded) as out_tonight
           from known k join judged v on {OF_KNOWN}
           group by all order by all""",
    )
    prices, held, false, counting = first.execute(
        """select count(*), count(*) filter (held), count(*) filter (held and counted),
               count(*) filter (known and counted and not excluded) from judged"""
    ).fetchone() or (0, 0, 0, 0)
    _say(
        f"{prices} prices judged, {held} held on their first night; {false} of them counted later: false alarms"
        f" {1000 * false / max(1, prices):.1f} in 1000 prices; known slips that count tonight: {counting}"
    )
    return 1 if counting else 0


def _first_nights(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Table ``known``, and ``judged``: every price, the verdict of its first night, and whether it counts tonight."""
    texts = {s.name: s.text for s in statements("staging")}
    text = texts["price_gate"]
    then = duckdb.connect()
    prepare(then, NIGHT)
    for table in COPIED:
        then.register("copied", db.sql(f"from {table}").to_arrow_table())
        then.execute(f"create table {table} as from copied")
        then.unregister("copied")
    for view in ("gate_limit", "price_reading", "price_step", "price_witness"):
        then.execute(f"create view staging.{view} as {texts[view]}")
    then.execute("create table every_price as from staging.price_by_source")
    then.execute(f"create table tonight as {text}")
    then.execute("create table verdict as select *, true as held_then from tonight limit 0")
    nights = [n for (n,) in then.execute("select distinct known_on from every_price order by all").fetchall()]
    for night in nights:
        then.execute(
            "create or replace table staging.price_by_source as from every_price where known_on <= $night",
            {"night": night},
        )
        then.execute("update input.night set night = $night", {"night": night})
        then.execute(
            f"insert into verdict select *, held <> '' from ({text}) where known_on = $night and input_usd > 0",
            {"night": night},
        )
    then.execute(
        "create table known (source varchar, name varchar, provider varchar, first date, last date, what varchar)"
    )
    then.executemany("insert into known values (?, ?, ?, ?, ?, ?)", KNOWN)
    keys = "source, listing, name, provider, known_on"
    then.execute(
        f"""create table judged as
            select v.* exclude (held, held_then), v.held_then as held, t.held = '' as counted,
                exists (
                    select 1 from seed.price_exclusion x
                    where x.source = v.source and v.name glob x.name and v.known_on >= x.known_from
                        and v.known_on < coalesce(x.known_until, date 'infinity')
                ) as excluded,
                exists (select 1 from known k where {OF_KNOWN}) as known
            from verdict v join tonight t using ({keys})
            where t.valid_from is not distinct from v.valid_from"""
    )
    return then


def _show(title: str, db: duckdb.DuckDBPyConnection, query: str) -> None:
    answer = db.execute(query)
    rows = [[name for name, *_ in answer.description or ()]]
    rows += [["" if cell is None else str(cell) for cell in row] for row in answer.fetchall()]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    _say(f"\n{title}")
    for row in rows:
        _say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
