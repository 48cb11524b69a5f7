"""Finds the sources: every module of `collectors.sources` that declares ``SOURCE``; nothing is listed by hand."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from functools import cache
from pathlib import Path

from collectors import sources as _room
from collectors.contract import Source

_NOT_PARSING = frozenset({"http.py", "hub.py", "lineage.py", "registry.py"})


@cache
def sources() -> dict[str, Source]:
    """All sources by name, sorted; refuses a name that differs from its file and a board declared twice."""
    found: dict[str, Source] = {}
    boards: dict[str, str] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(_room.__path__)):
        if module.startswith("_"):
            continue
        source: Source = importlib.import_module(f"collectors.sources.{module}").SOURCE
        if source.name.replace("-", "_") != module:
            raise ValueError(f"collectors/sources/{module}.py declares a source called {source.name!r}")
        for board in source.boards:
            if board.name in boards:
                raise ValueError(f"board {board.name} is declared by {boards[board.name]} and by {source.name}")
            boards[board.name] = source.name
        found[source.name] = source
    if not found:
        raise RuntimeError("no source found: the package was installed without collectors/sources")
    return found


@cache
def fingerprint(name: str) -> str:
    """What the parse of one source depends on besides the page: its module and the shared rooms, as 12 hex digits.

    Stored with every parsed page, so that a changed parser reads the archive again by itself.  Shared are all
    rooms beside `sources` but the two doors and this one, so that a new one counts without being listed.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    rooms = [path for path in here.glob("*.py") if path.name not in _NOT_PARSING]
    shared = here.joinpath("sources").glob("_*.py")
    for path in (*sorted(rooms), *sorted(shared), here / "sources" / f"{name.replace('-', '_')}.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
