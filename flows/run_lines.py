"""The structured log of a run: one line for each source and each stage, as text or as JSON, on standard error.

The text is logfmt: ``timestamp=... event=stage stage=fetch seconds=12.3``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import structlog
from structlog.typing import Processor

from collectors.contract.source import Source
from collectors.sanitize import visible
from flows.collecting.context import CollectContext
from flows.collecting.result import SourceResult
from flows.settings import LogStyle
from flows.stages.fetch import CollectSource

WriteLine = Callable[..., None]
"""Writes the line of an event: its name, then its fields."""


def line_writer(style: LogStyle, night: date, scope: str, *, shown: bool = False) -> WriteLine:
    """Writes lines in ``style``; none of text where the run is ``shown`` already, at a terminal or by Prefect."""
    if style == "off" or (style == "text" and shown):
        return lambda _event, **_fields: None
    processors: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line,
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "event"], bool_as_flag=False),
    ]
    log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=processors)
    return log.bind(night=str(night), scope=scope).msg  # type: ignore[no-any-return]


def logged(collect_source: CollectSource, log: WriteLine) -> CollectSource:
    """Collects a source and writes its line."""

    async def collect_and_log(source: Source, context: CollectContext) -> SourceResult:
        began = time.monotonic()
        result = await collect_source(source, context)
        log("source", **_fields(result, time.monotonic() - began))
        return result

    return collect_and_log


def _fields(result: SourceResult, seconds: float) -> dict[str, Any]:
    return {
        "source": result.source,
        "outcome": result.outcome,
        "seconds": round(seconds, 3),
        "pages_new": result.fresh,
        "pages_unchanged": result.unchanged,
        "bytes_new": result.bytes_new,
        "rows": result.rows,
        "failures": len(result.failures),
        "error": str(result.failures[0]) if result.failures else "",
    }


def _one_line(_logger: Any, _name: str, fields: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Errors hold other people's text: no line end and no code of a terminal leaves it."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in fields.items()}
