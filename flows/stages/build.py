"""Stage 3, build: the store becomes tables, and the tables are checked; nothing is written to disk.

`warehouse.build` makes the tables.  What must hold of them: ``warehouse/sql/checks`` and the critical rules of
`warehouse.expectations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from collectors.contract.source import Source
from flows.timer import StageTimer
from warehouse.memory import with_enough
from warehouse.table_contracts import broken_contracts
from warehouse.unpublished import Unpublished

CHECKED = "checked.json"
"""The file of rows that have met their rules, in the data folder; it may be removed."""


class NotPublished(RuntimeError):
    """The build did not pass its checks; the earlier publication stays."""

    def __init__(self, failures: list[str]) -> None:
        self.failures = failures
        self.record: Unpublished | None = None
        super().__init__("\n".join(failures))


@contextmanager
def build(
    night: date,
    data: Path,
    declared: Mapping[str, Source],
    *,
    bundled: bool = True,
    anew: bool = False,
    timer: StageTimer | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Every table as known on a night, in memory and checked; gone when the context ends.  Raises `NotPublished`.

    ``bundled``: with the history that ships with the package.  ``anew``: every table is computed; otherwise those whose
    inputs have not changed are taken from an earlier build.
    """
    from warehouse.build import built  # with the measures, 1.3 s of import that a night without news does not need

    timer = timer or StageTimer()
    timer.start("build", "computing the index")
    cache = None if anew else data / "cache"
    with ExitStack() as stack:
        with _failures_named():
            store = data / "store.duckdb"
            made = built(
                store,
                night,
                declared,
                bundled=bundled,
                published=data / "vintages",
                cache=cache,
                spill=data / "spill",
            )
            db = stack.enter_context(made)
            timer.start("check", "checking what was built")
            with_enough(db, partial(check, db, None if anew else data / CHECKED))
        yield db


@contextmanager
def _failures_named() -> Iterator[None]:
    """Any exception of a build (a row that a statement cannot take) becomes `NotPublished`.

    A full disk and Ctrl-C are not failures of the build and pass unchanged.
    """
    try:
        yield
    except (NotPublished, OSError, duckdb.InterruptException, duckdb.IOException):
        raise
    except Exception as error:
        if str(error) == "Query interrupted":
            raise
        where = "; ".join(getattr(error, "__notes__", ()))
        text = (str(error).splitlines() or [""])[0]
        raise NotPublished([f"{type(error).__name__}: {text[:500]}" + (f" ({where})" if where else "")]) from error


def check(db: duckdb.DuckDBPyConnection, met: Path | None = None) -> None:
    """Raises `NotPublished` where a check or a critical rule fails; warnings become rows of table ``gate``.

    ``met``: the file of rows that have met their rules (`warehouse.validation`).
    """
    from warehouse.build import add_warnings, failed_checks
    from warehouse.validation import broken_rules

    broken = broken_rules(db, met)
    if failures := [*failed_checks(db), *(rule.found for rule in broken if rule.critical)]:
        raise NotPublished(failures)
    add_warnings(db, [*((rule.rule, rule.found) for rule in broken if not rule.critical), *broken_contracts(db)])
