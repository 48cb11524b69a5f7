"""Records in the form of Every Eval Ever (schema 0.3.0): one JSON file per board and model, from the published tables.

Path and fields are those its validator asks for: ``data/BOARD/DEVELOPER/MODEL/UUID.json``, a version-4 UUID that here
is made of a digest of the record's content, so the same scores give the same file.  Left out, with their number: scores
of composites (averages of other evaluations), and of models whose developer is not known.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import duckdb

SCHEMA_VERSION = "0.3.0"

_SCORES = """
    select s.board, s.edition, s.model, s.variant, s.name, s.value, s.stderr, s.n_items, s.scored_on, s.self_reported,
        s.written, s.url, s.sha256, s.fetched_at, b.title, b.measures, b.unit, b.better, b.low, b.high, b.composite,
        b.homepage, b.evaluator, m.title as model_title, m.developer, m.hub_repo, a.tier
    from score s
    join benchmark b on b.board = s.board
    left join model m on m.model = s.model
    left join model_access a on a.model = s.model and a.until_on is null
    where s.gone_since is null and not s.provisional
    order by s.board, s.model, s.edition, s.source, s.variant nulls first, s.name, s.listed_as nulls first, s.value
"""

_AVAILABILITY = {"T1": "open_weights", "T2": "open_weights", "T3": "open_weights", "C": "closed_weights"}

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRecords:
    """What was written: files, the scores in them, and the scores left out, by reason."""

    files: int
    scores: int
    composites: int
    without_developer: int


def write_eval_records(db: duckdb.DuckDBPyConnection, folder: Path) -> EvalRecords:
    """Writes a record for every board and model of a publication below ``folder``/data; raises `OSError`."""
    files = scores = 0
    left_out = {"composite": 0, "developer": 0}
    for rows in _groups(db):
        if reason := _unfit(rows[0]):
            left_out[reason] += len(rows)
            continue
        record = _record(rows)
        path = folder / _path(rows[0], record)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n", "utf-8")
        files, scores = files + 1, scores + len(rows)
    return EvalRecords(
        files=files, scores=scores, composites=left_out["composite"], without_developer=left_out["developer"]
    )


def _groups(db: duckdb.DuckDBPyConnection) -> Iterator[list[Row]]:
    """The scores of one board and one model at a time."""
    answer = db.execute(_SCORES)
    columns = [column[0] for column in answer.description or ()]
    group: list[Row] = []
    while fetched := answer.fetchmany(1000):
        for values in fetched:
            row = dict(zip(columns, values, strict=True))
            if group and (group[0]["board"], group[0]["model"]) != (row["board"], row["model"]):
                yield group
                group = []
            group.append(row)
    if group:
        yield group


def _unfit(row: Row) -> str | None:
    if row["composite"]:
        return "composite"
    return None if row["developer"] else "developer"


def _record(rows: list[Row]) -> dict[str, Any]:
    first = rows[0]
    fetched = max(row["fetched_at"] for row in rows).replace(tzinfo=UTC)
    return {
        "schema_version": SCHEMA_VERSION,
        "evaluation_id": f"{first['board']}/{_model_id(first)}/{int(fetched.timestamp())}",
        "retrieved_timestamp": str(int(fetched.timestamp())),
        "source_metadata": {
            "source_name": first["title"],
            "source_type": "documentation",
            "source_organization_name": first["evaluator"] or first["title"],
            "source_organization_url": first["homepage"],
            "evaluator_relationship": "first_party" if all(row["self_reported"] for row in rows) else "third_party",
        },
        "eval_library": {"name": "unknown", "version": "unknown"},
        "model_info": {
            "name": first["name"],
            "id": _model_id(first),
            "developer": first["developer"],
            "additional_details": {
                "deployment_type": "unknown",
                "model_availability": _AVAILABILITY.get(first["tier"], "unknown"),
            },
        },
        "evaluation_results": [_result(row) for row in rows],
    }


def _result(row: Row) -> dict[str, Any]:
    """One score; a bound that the board does not have is infinite."""
    result: dict[str, Any] = {
        "evaluation_name": f"{row['title']} ({row['edition']})",
        "source_data": {"dataset_name": row["title"], "source_type": "url", "url": [row["url"]]},
        "metric_config": {
            "evaluation_description": row["measures"],
            "metric_unit": row["unit"],
            "lower_is_better": row["better"] == "lower",
            "score_type": "continuous",
            "min_score": "-Infinity" if row["low"] is None else row["low"],
            "max_score": "Infinity" if row["high"] is None else row["high"],
        },
        "score_details": {"score": row["value"], "details": _details(row)},
    }
    if isinstance(row["scored_on"], date):
        result["evaluation_timestamp"] = row["scored_on"].isoformat()
    uncertainty: dict[str, Any] = {}
    if row["stderr"] is not None:
        uncertainty["standard_error"] = {"value": row["stderr"]}
    if row["n_items"] is not None:
        uncertainty["num_samples"] = row["n_items"]
    if uncertainty:
        result["score_details"]["uncertainty"] = uncertainty
    return result


def _details(row: Row) -> dict[str, str]:
    """The evidence: the row as its source wrote it, and which page had it."""
    found = {
        "name_as_written": row["name"],
        "variant": row["variant"],
        "self_reported": "true" if row["self_reported"] else "false",
        "row_as_written": row["written"],
        "page_sha256": row["sha256"],
        "fetched_at": f"{datetime.isoformat(row['fetched_at'])}Z",
    }
    return {key: value for key, value in found.items() if value}


def _model_id(row: Row) -> str:
    """Developer and model as the Hub writes them, where the weights are there; else in our keys."""
    if row["hub_repo"] and str(row["hub_repo"]).count("/") == 1:
        return str(row["hub_repo"])
    return f"{_safe(row['developer'])}/{_safe(row['model'])}"


def _path(row: Row, record: Mapping[str, Any]) -> PurePosixPath:
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()
    developer, model = map(_safe, _model_id(row).split("/"))
    return (
        PurePosixPath("data") / _safe(row["board"]) / developer / model / f"{UUID(bytes=digest[:16], version=4)}.json"
    )


def _safe(text: str) -> str:
    """A part of a path that every file system takes: no separator, no dot at an end, never empty."""
    return _UNSAFE.sub("-", text).strip(".-") or hashlib.sha256(text.encode()).hexdigest()[:12]
