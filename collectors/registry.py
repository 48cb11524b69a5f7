"""Finds the sources: every module of `collectors.sources` that declares ``SOURCE``; nothing is listed by hand."""

from __future__ import annotations

import ast
import hashlib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from collectors import parsing
from collectors import sources as _room
from collectors.contract.source import Source


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
    """12 hex digits for the code that parses a source: its module, `collectors.parsing`, and all that these import of
    our own modules.

    It is stored with every parsed page, so that pages of the archive are parsed again when their parser has changed.
    """
    digest = hashlib.sha256()
    module = Path(_room.__path__[0]) / f"{name.replace('-', '_')}.py"
    for path in sorted(_read_with(module, _read_with(Path(parsing.__file__), frozenset()))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _read_with(module: Path, known: frozenset[Path]) -> frozenset[Path]:
    """A module's file and those of our own modules it imports, directly or not."""
    known = known | {module}
    for path in _imports_of(module):
        if path not in known:
            known = _read_with(path, known)
    return known


@cache
def _imports_of(module: Path) -> frozenset[Path]:
    return frozenset(path for name in imported(module.read_text("utf-8")) for path in _files_of(name))


def imported(source: str) -> frozenset[str]:
    """Every name of ours that a module's text imports, wherever the import stands.

    ``from collectors import sanitize`` may import a module or a name of the package: both are returned, and the files
    decide which it is.
    """
    found: set[str] = set()
    for node in _statements(ast.parse(source).body):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(name for name in found if name.partition(".")[0] == "collectors")


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement, wherever it stands; expressions hold no import and are most of a tree (1 s of `ast.walk`)."""
    for statement in body:
        yield statement
        for part in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, part, ()))
        for block in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from _statements(block.body)


@cache
def _files_of(name: str) -> tuple[Path, ...]:
    """The file of a module and those of the packages round it, which Python runs first; none where it is no module."""
    parts = name.split(".")
    home = Path(__file__).parent.parent
    module, package = home.joinpath(*parts).with_suffix(".py"), home.joinpath(*parts, "__init__.py")
    if not module.is_file() and not package.is_file():
        return ()
    packages = [home.joinpath(*parts[:n], "__init__.py") for n in range(1, len(parts))]
    return tuple(path for path in (*packages, module, package) if path.is_file())
