"""Answers to questions about a publication, each with the pages it rests on.

An answer is a dictionary of plain values.  ``evidence`` lists pages: the live address, the sha256 of the archived
bytes, and what was written there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from warehouse.explain import NothingThere, nearest, rows, trace
from warehouse.publication import PUBLISHED

MOST_ROWS = 200
"""Rows that one answer has at most."""

_GAP = (
    "night",
    "scope_kind",
    "scope",
    "edition",
    "tier",
    "unit",
    "closed_model",
    "closed_score",
    "closed_on",
    "open_model",
    "open_score",
    "open_on",
    "gap",
    "gap_lo",
    "gap_hi",
    "lag_days",
    "lag_under",
    "lag_over",
    "lag_lo",
    "lag_hi",
    "state",
    "observed_on",
    "stale_days",
    "reason",
    "run_id",
)


def how_far_behind(
    db: duckdb.DuckDBPyConnection, archive: Path, scope: str, night: date | None = None, tier: str = "any"
) -> dict[str, Any]:
    """The gap and lag of a scope on a night (the newest by default); raises `NothingThere`."""
    traced = trace(db, archive, scope, night=night, tier=tier)
    answer: dict[str, Any] = {name: traced.row[name] for name in _GAP}
    return {**answer, "evidence": _pages(db, traced.row)}


def why(
    db: duckdb.DuckDBPyConnection, archive: Path, scope: str, night: date | None = None, tier: str = "any"
) -> dict[str, Any]:
    """What a gap is made of: both leaders, the models that bound the lag, what pulls it, what is new."""
    traced = trace(db, archive, scope, night=night, tier=tier)
    return {
        **{name: traced.row[name] for name in _GAP},
        "bracket": [dict(one) for one in traced.bracket],
        "pulls": [dict(one) for one in traced.pulls],
        "before": {name: traced.before[name] for name in ("night", "gap", "lag_days")} if traced.before else {},
        "news": [dict(one) for one in traced.news[:20]],
        "evidence": _pages(db, traced.row),
    }


def compare(db: duckdb.DuckDBPyConnection, a: str, b: str) -> dict[str, Any]:
    """Two models: dates, access, ability, price, and every board edition that scores both."""
    models = [_model(db, name) for name in (a, b)]
    boards = rows(
        db,
        """with best as (
                select s.board, s.edition, s.model, s.value, s.name, s.url, s.sha256
                from score s join benchmark using (board)
                where s.model in ($a, $b) and s.gone_since is null and not s.provisional
                qualify row_number() over (
                    partition by s.board, s.edition, s.model
                    order by s.self_reported, case when benchmark.better = 'lower' then s.value else -s.value end) = 1)
           select x.board, x.edition, k.unit, k.better, x.value as a, y.value as b,
               case when x.value = y.value then 'equal'
                    when (x.value > y.value) = (k.better <> 'lower') then 'a' else 'b' end as better_model,
               x.url as a_url, x.sha256 as a_sha256, y.url as b_url, y.sha256 as b_sha256
           from best x join best y using (board, edition) join benchmark k using (board)
           where x.model = $a and y.model = $b order by k.counts_for_index desc, board, edition limit $most""",
        {"a": models[0]["model"], "b": models[1]["model"], "most": MOST_ROWS},
    )
    pages = {(row[f"{side}_url"], row[f"{side}_sha256"]) for row in boards for side in ("a", "b")}
    return {
        "a": models[0],
        "b": models[1],
        "boards": boards,
        "better_on": {side: sum(row["better_model"] == side for row in boards) for side in ("a", "b", "equal")},
        "evidence": [{"url": url, "sha256": sha256} for url, sha256 in sorted(pages)],
    }


def models(
    db: duckdb.DuckDBPyConnection,
    domain: str = "overall",
    memory_gb: float | None = None,
    licence: str = "any",
    most: int = 10,
) -> dict[str, Any]:
    """The best open-weight models of a domain that fit into a memory (at 4 bits) and whose licence allows it.

    ``licence``: any | T1 (unrestricted) | the name of a licence as `model_access` has it.
    """
    known = [row["scope"] for row in rows(db, "select distinct scope from model_choice order by scope")]
    if domain not in known:
        raise NothingThere(f"no domain is called {domain!r}; there are: {', '.join(known) or 'none yet'}")
    found = rows(
        db,
        """select place, model, title, developer, theta, lo, hi, closed_model, licence_tier, licence, usd, parameters,
               gb_16, gb_8, gb_4, hub_repo
           from model_choice
           where scope = $domain and ($memory is null or gb_4 <= $memory)
             and ($licence = 'any' or licence_tier = $licence or licence = $licence)
           order by place limit $most""",
        {"domain": domain, "memory": memory_gb, "licence": licence, "most": min(most, MOST_ROWS)},
    )
    pages = rows(
        db,
        """select model, source, url, sha256 from price where list_contains($models, model)
           qualify row_number() over (partition by model order by known_on desc, source, name) = 1 order by model""",
        {"models": [row["model"] for row in found]},
    )
    return {"domain": domain, "models": found, "evidence": pages}


def tables(db: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every table: what one row is, and its columns with type and meaning."""
    columns: dict[str, list[str]] = {}
    for row in rows(
        db,
        """select table_name, column_name, data_type, comment from duckdb_columns()
           where not internal order by table_name, column_index""",
    ):
        columns.setdefault(row["table_name"], []).append(f"{row['column_name']} {row['data_type']}: {row['comment']}")
    found = rows(db, f"select table_name, comment, estimated_size from {PUBLISHED} order by 1")
    return [
        {
            "table": row["table_name"],
            "about": row["comment"],
            "rows": row["estimated_size"] if row["estimated_size"] is not None else _count(db, row["table_name"]),
            "columns": columns.get(row["table_name"], []),
        }
        for row in found
    ]


def _count(db: duckdb.DuckDBPyConnection, view: str) -> int:
    row = db.execute(f'select count(*) from "{view}"').fetchone()
    return int(row[0]) if row else 0


def _model(db: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    """A model by its key, or by a name that some source writes; raises `NothingThere`."""
    found = rows(
        db,
        """select m.model, m.title, m.developer, m.announced_on, m.available_on, m.weights_on, m.parameters,
               a.tier, a.licence, t.theta as ability, t.lo as ability_lo, t.hi as ability_hi,
               (select min(input_usd) from price p where p.model = m.model) as least_input_usd,
               (select min(output_usd) from price p where p.model = m.model) as least_output_usd
           from model m
           left join model_access a on a.model = m.model and a.until_on is null
           left join ability t on t.model = m.model and t.scope = 'overall'
           where m.model = coalesce(
               (select model from model where model = $name or lower(title) = lower($name) limit 1),
               (select model from model_alias where lower(name) = lower($name) and model is not null limit 1))
           limit 1""",
        {"name": name},
    )
    if found:
        return found[0]
    known = {str(row["model"]) for row in rows(db, "select model from model")}
    raise NothingThere(nearest(name, known).replace("scope", "model").replace("`gapindex show --all`", "table `model`"))


def _pages(db: duckdb.DuckDBPyConnection, row: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The pages that state the scores of both leaders: of a board the board's, of a composite those of its boards."""
    return rows(
        db,
        """with counted as (
                select distinct board, edition from item where scope = $scope
                union select board, $edition from benchmark where board = $scope)
           select s.model, s.board, s.edition, s.value, s.name as written_as, s.url, s.sha256, s.known_on
           from score s join counted using (board, edition) join benchmark b using (board)
           where s.model in ($closed, $open) and s.gone_since is null and not s.provisional
           qualify row_number() over (
               partition by s.board, s.edition, s.model
               order by s.self_reported, case when b.better = 'lower' then s.value else -s.value end, s.name) = 1
           order by s.board, s.edition, s.model limit 100""",
        {
            "scope": row["scope"],
            "edition": row["edition"],
            "closed": row["closed_model"],
            "open": row["open_model"],
        },
    )
