"""A server of the Model Context Protocol over standard input and output: the published tables for assistants.

Each tool opens the publication that is current when it is called, read-only and shut off from files and network
(`warehouse.explain.open_readonly`).  What cannot be answered is a `ToolError`, because the text of any other exception
does not reach the client.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from warehouse import answers
from warehouse.explain import NothingThere, open_readonly
from warehouse.publication import current

SECONDS = 20.0
"""Time limit of one question."""

INSTRUCTIONS = (
    "How far open-weight AI models are behind closed ones, measured nightly. Begin with how_far_behind; `why` gives "
    "the evidence; `tables` lists what `sql` can ask. lag_days is how old the open frontier is among closed models. "
    "A NULL has a reason beside it. Every answer has the pages it rests on as `evidence`, and the publication it was "
    "read from: cite them."
)


def server(data: Path, site_url: str = "") -> MCPServer[Any]:
    """The server of a data folder; ``site_url`` is the address of its report site, where one stands."""
    mcp: MCPServer[Any] = MCPServer(
        "gapindex", version=version("gapindex"), instructions=INSTRUCTIONS, log_level="ERROR"
    )

    @mcp.tool(structured_output=False)
    def how_far_behind(scope: str = "overall", night: str | None = None, tier: str = "any") -> str:
        """The gap (score) and lag (days) between the best closed and the best open-weight model.

        scope: `overall`, a domain (`coding`, `agents`) or a board; night: YYYY-MM-DD, the newest by default;
        tier: `any` (weights downloadable) or `T1` (unrestricted licence).
        """
        day = _night(night)
        return _answered(data, site_url, lambda db: answers.how_far_behind(db, data / "archive", scope, day, tier))

    @mcp.tool(structured_output=False)
    def why(scope: str = "overall", night: str | None = None, tier: str = "any") -> str:
        """What a gap is made of: leaders, models that bound the lag, strongest pulls, what is new, pages."""
        day = _night(night)
        return _answered(data, site_url, lambda db: answers.why(db, data / "archive", scope, day, tier))

    @mcp.tool(structured_output=False)
    def compare(a: str, b: str) -> str:
        """Two models by name: dates, licence, ability, price, and each board that scores both."""
        return _answered(data, site_url, lambda db: answers.compare(db, a, b))

    @mcp.tool(structured_output=False)
    def models(domain: str = "overall", memory_gb: float | None = None, licence: str = "any") -> str:
        """The best open-weight models of a domain that fit into a memory (GB, at 4 bits) under a licence.

        licence: `any`, `T1` (unrestricted), or a licence such as `mit`.
        """
        return _answered(data, site_url, lambda db: answers.models(db, domain, memory_gb, licence))

    @mcp.tool(structured_output=False)
    def tables() -> str:
        """Every published table with its columns, types and what they mean."""
        return _answered(data, site_url, lambda db: {"tables": answers.tables(db)})

    @mcp.tool(structured_output=False)
    def sql(query: str) -> str:
        """Asks the tables in DuckDB's SQL, read-only; at most 200 rows come back."""
        return _answered(data, site_url, lambda db: _asked(db, query))

    return mcp


def _asked(db: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    answer = db.execute(query)
    names = [column[0] for column in answer.description or ()]
    found = answer.fetchmany(answers.MOST_ROWS + 1)
    return {"columns": names, "rows": found[: answers.MOST_ROWS], "cut": len(found) > answers.MOST_ROWS}


def _answered(data: Path, site_url: str, ask: Callable[[duckdb.DuckDBPyConnection], dict[str, Any]]) -> str:
    """An answer as JSON, with the publication it was read from; raises `ToolError`."""
    publication = current(data)
    if publication is None:
        raise ToolError(f"nothing is published in {data}: run `gapindex run` first")
    origin = {"night": publication.night, "run_id": publication.run_id, **({"site": site_url} if site_url else {})}
    try:
        with open_readonly(publication.database) as db, _limited(db):
            return json.dumps({**ask(db), "publication": origin}, default=str, ensure_ascii=False)
    except duckdb.InterruptException as error:
        raise ToolError(f"the question took longer than {SECONDS:g} s; narrow it") from error
    except (NothingThere, duckdb.Error) as error:
        raise ToolError(str(error)) from error


@contextmanager
def _limited(db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    alarm = threading.Timer(SECONDS, db.interrupt)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _night(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ToolError(f"{text!r} is no date; give one like 2026-06-14") from error
