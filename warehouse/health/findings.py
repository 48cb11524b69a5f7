"""The finding of a check, and helpers for its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

State = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The finding of one check; ``todo`` is empty where nothing needs to be done."""

    check: str
    state: State
    found: str
    todo: str = ""


def worst(findings: Sequence[Finding]) -> State:
    """The state of them all."""
    states = {finding.state for finding in findings}
    return "fault" if "fault" in states else "warning" if "warning" in states else "ok"


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; what vanishes meanwhile counts nothing."""
    try:
        if path.is_dir():
            return sum(size_of(one) for one in path.iterdir())
        return path.stat().st_size
    except OSError:
        return 0


def mib(size: int) -> str:
    """Bytes with a unit for people."""
    return f"{size / 2**20:.0f} MiB" if size >= 2**20 else f"{size / 2**10:.0f} KiB"


def counted(count: int, one: str, many: str) -> str:
    """A number and its noun."""
    return f"{count} {one if count == 1 else many}"


def listed(names: Iterable[str], most: int = 3) -> str:
    """The first few of them, each once, and how many more there are."""
    names = list(dict.fromkeys(names))
    return ", ".join(islice(names, most)) + (f" and {len(names) - most} more" if len(names) > most else "")


def first_line(error: BaseException) -> str:
    """The first line of an error."""
    return (str(error).splitlines() or [type(error).__name__])[0]
