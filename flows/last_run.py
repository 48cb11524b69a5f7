"""A note of the last run beside the data: what a publication does not know, above all where its seconds went."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.night import Night

NAME = "last_run.json"


def write(data: Path, result: Night, at: datetime) -> None:
    """Notes a finished night; a disk that refuses it costs the note, not the night."""
    note = {
        "night": str(result.night),
        "ended_at": at.isoformat(timespec="seconds"),
        "publication": result.publication.folder.name,
        "changed": result.publication.fresh,
        "seconds": dict(result.seconds),
        "pages_new": sum(one.fresh for one in result.results),
        "pages_unchanged": sum(one.unchanged for one in result.results),
    }
    aside = data / f".{NAME}-aside"
    try:
        aside.write_text(json.dumps(note, indent=2) + "\n", "utf-8")
        aside.replace(data / NAME)
    except OSError:
        return


def read(data: Path) -> dict[str, Any]:
    """The note of the last run; empty where there is none or it cannot be read."""
    try:
        note = json.loads((data / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
