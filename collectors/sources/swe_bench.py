"""SWE-bench: GitHub issues of Python repositories to be resolved; one JSON file with all its boards.

- ``bash-only`` runs every model in the same plain agent (mini-SWE-agent) on the 500 verified
  issues: the only board whose rows are models.  Its agent is at version 1 and below in the record,
  small steps that left earlier rows standing; a new major version changes how models call tools, so
  from version 2 on it is an edition of its own.
- Verified, Lite, Full (``Test``) and Multimodal list systems: a scaffold around one model, several
  models, or none it names.  They are collected under the model's tag with the system's name as
  variant, and do not count: the difference between two rows is the scaffold's as much as the
  model's.  Before 2025-05-11 no row named its model in a tag, and names are not guessed from text.
- ``os_model`` is read from bash-only rows alone: on the others the submitter sets it, and gpt-4o-2024-05-13
  has both true and false.  It is sometimes wrong on bash-only rows as well (Llama 4: false).
- The file has outgrown 4 MB (2025-12) through ``per_instance_details`` and keeps growing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Row, Tally
from collectors.contract.source import Board, Domain, Source
from collectors.entries import RowFault, entries, guarded, keys_of, text
from collectors.read.cells import day, number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

SCAFFOLDED = "rows are systems: scaffold and model together"
CELLS = ("name", "resolved", "date")

BASH_ONLY = Board(
    name="swe-bench-bash-only",
    title="SWE-bench Verified, bash only",
    domain="coding",
    measures="Share of 500 verified GitHub issues resolved by a model in one plain agent with a shell.",
    unit="%",
    low=0,
    high=100,
    n_items=500,
    chance=0,
    min_rows=10,
)


def _systems(name: str, title: str, measures: str, n_items: int, domain: Domain = "coding") -> Board:
    return Board(
        name=name,
        title=title,
        domain=domain,
        measures=measures,
        unit="%",
        low=0,
        high=100,
        n_items=n_items,
        chance=0,
        counts_for_index=False,
        why_not=SCAFFOLDED,
        min_rows=10,
    )


VERIFIED = _systems(
    "swe-bench-verified", "SWE-bench Verified", "Share of 500 verified GitHub issues resolved by a system.", 500
)
LITE = _systems("swe-bench-lite", "SWE-bench Lite", "Share of 300 small GitHub issues resolved by a system.", 300)
FULL = _systems("swe-bench-full", "SWE-bench", "Share of 2,294 GitHub issues resolved by a system.", 2294)
MULTIMODAL = _systems(
    "swe-bench-multimodal",
    "SWE-bench Multimodal",
    "Share of 517 GitHub issues with images, in JavaScript, resolved by a system.",
    517,
    "multimodal",
)
BOARDS = {"bash-only": BASH_ONLY, "Verified": VERIFIED, "Lite": LITE, "Test": FULL, "Multimodal": MULTIMODAL}


def _edition(board: Board, row: dict[str, Any]) -> str:
    if board is not BASH_ONLY:
        return f"{board.name.removeprefix('swe-bench-')}-{board.n_items}"
    version = re.match(r"(\d+)\.", str(row.get("mini-swe-agent_version") or ""))
    version = version or re.search(r"_mini-v(\d+)\.", str(row.get("folder") or ""))
    major = int(version.group(1)) if version else 0
    return "verified-500-mini-swe-agent" + (f"-{major}" if major > 1 else "")


def _tagged(row: dict[str, Any], kind: str) -> list[str]:
    """The values of the tags ``kind: ...``, each once; a Hub address becomes its repository."""
    given = row.get("tags") or []
    if not isinstance(given, list):
        raise RowFault("tags", str(given)[:60], "a list of texts")
    tags = [str(tag) for tag in given]
    values = [tag.partition(":")[2].strip() for tag in tags if tag.startswith(f"{kind}:")]
    return list(dict.fromkeys(text.removeprefix("https://huggingface.co/") for text in values if text))


def _row(board: Board, row: dict[str, Any]) -> Iterator[Row]:
    edition = _edition(board, row)
    name, variant = text(row, "name"), ""
    models = _tagged(row, "Model")
    if len(models) > 1:
        shown = number(row.get("resolved"))
        yield Excluded(board=board.name, edition=edition, name=name, rule="several models", value=shown)
        return
    if board is not BASH_ONLY:
        if not models:
            shown = number(row.get("resolved"))
            yield Excluded(board=board.name, edition=edition, name=name, rule="model not named", value=shown)
            return
        name, variant = models[0], name
    orgs = _tagged(row, "Org")
    yield board.score(
        edition=edition,
        name=name,
        value=number(row.get("resolved")),
        written=written(row, "name", "tags", "resolved", "date", "mini-swe-agent_version", "cost", "os_model"),
        developer=orgs[0] if board is BASH_ONLY and orgs else "",
        variant=variant,
        scored_on=day(row.get("date")),
    )
    if board is BASH_ONLY and isinstance(row.get("os_model"), bool):
        yield Access(
            name=name,
            open=row["os_model"],
            evidence="board flag",
            developer=orgs[0] if orgs else "",
            written=written(row, "name", "os_model", "tags"),
        )


def parse(page: Page) -> Iterator[Row]:
    document = json_of(page)
    if not isinstance(document, dict) or not isinstance(document.get("leaderboards"), list):
        raise Drifted(page.url, "no leaderboards", expected="an object with a list of leaderboards")
    tables = entries(page, document["leaderboards"], "a list of leaderboards", inner="results")
    columns(page, [str(table.get("name")) for table in tables], ("Test", "Verified", "Lite", "Multimodal"))
    results = {
        str(table["name"]): entries(page, table.get("results"), "a list of results", few=True)
        for table in tables
        if str(table.get("name")) in BOARDS
    }
    columns(page, keys_of(row for rows in results.values() for row in rows), CELLS)
    for table in tables:
        board = BOARDS.get(str(table.get("name")))
        if board is None:
            continue
        rows = results[str(table["name"])]
        editions = [_edition(board, row) for row in rows]
        newest = max((on for row in rows if (on := day(row.get("date")))), default=None)
        for edition in dict.fromkeys(editions):
            yield Tally(board=board.name, edition=edition, rows=editions.count(edition), updated_on=newest)
        for row, edition in zip(rows, editions, strict=True):
            yield from guarded(_row(board, row), row, board=board.name, edition=edition)


SOURCE = Source(
    name="swe-bench",
    title="SWE-bench leaderboards",
    kind="leaderboard",
    operator="SWE-bench",
    homepage="https://www.swebench.com/",
    licence="CC BY-NC 4.0",
    attribution="SWE-bench (https://www.swebench.com)",
    start=("https://raw.githubusercontent.com/SWE-bench/swe-bench.github.io/master/data/leaderboards.json",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=(BASH_ONLY, VERIFIED, LITE, FULL, MULTIMODAL),
    limit_bytes=64 * 2**20,
)
