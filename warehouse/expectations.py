"""Great Expectations over what was collected and what was built: the table-shaped rules.

Imported by the process of `warehouse.validation` (its import costs seconds).  Its SQL engine does not work on
DuckDB today, so it sees pandas frames.  Most of its rules pass on an empty table, so every suite
starts with a row count; rules that need history or two tables are gates and ``sql/checks``.

A critical rule that does not hold stops publication; a warning becomes a row of the table ``gate``
(`warehouse.build.add_warnings`).  The same suites make a static site (Data Docs) when somebody asks for it.
"""

from __future__ import annotations

import copy
import logging
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe
from great_expectations.data_context.types.base import ProgressBarsConfig

from collectors.sanitize import INVISIBLE_CLASS, MAX_NAME
from warehouse.validation import QUERIES, Broken

WARNING = "warning"
MOJIBAKE = r"\ufffd|[\u00c2\u00c3][\u0080-\u00bf]"
PLAIN_NAME = rf"^[^{INVISIBLE_CLASS}]{{1,{MAX_NAME}}}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Rules on one frame: the name of its query in `warehouse.validation` and what must hold of every row."""

    name: str
    rules: tuple[gxe.Expectation, ...]

    @property
    def query(self) -> str:
        """What makes the frame."""
        return QUERIES[self.name]


def _at_least(rows: int) -> gxe.Expectation:
    return gxe.ExpectTableRowCountToBeBetween(min_value=rows)


def _not_null(*columns: str) -> tuple[gxe.Expectation, ...]:
    return tuple(gxe.ExpectColumnValuesToNotBeNull(column=column) for column in columns)


COLLECTED = (
    Suite(
        name="collected scores",
        rules=(
            _at_least(1),
            *_not_null("board", "name", "value", "written"),
            gxe.ExpectColumnValuesToMatchRegex(column="name", regex=PLAIN_NAME),
            gxe.ExpectColumnValuesToBeBetween(column="place", min_value=0, max_value=1),
            gxe.ExpectColumnValuesToBeBetween(column="stderr", min_value=0),
            gxe.ExpectColumnValuesToNotMatchRegex(column="name", regex=MOJIBAKE, severity=WARNING),
        ),
    ),
    Suite(
        name="model access",
        rules=(
            _at_least(1),
            *_not_null("model", "tier", "from_on", "evidence_rank"),
            gxe.ExpectColumnValuesToBeInSet(column="tier", value_set=["T1", "T2", "T3", "C", "U"]),
            gxe.ExpectColumnValuesToBeBetween(column="evidence_rank", min_value=1, max_value=4),
            gxe.ExpectColumnValuesToNotBeInSet(column="tier", value_set=["U"], mostly=0.5, severity=WARNING),
        ),
    ),
)
BUILT = (
    Suite(
        name="gap index tonight",
        rules=(
            _at_least(2),
            *_not_null("scope", "edition", "tier", "method_version", "run_id", "stale_days"),
            gxe.ExpectCompoundColumnsToBeUnique(column_list=["scope", "edition", "tier"]),
            gxe.ExpectColumnValuesToBeInSet(column="tier", value_set=["any", "T1"]),
            gxe.ExpectColumnValuesToBeInSet(
                column="state", value_set=["closed leads", "below resolution", "parity", "open leads"]
            ),
            gxe.ExpectColumnValuesToBeBetween(column="gap", min_value=-5000, max_value=5000),
            gxe.ExpectColumnValuesToBeBetween(column="lag_under", min_value=-4000, max_value=4000),
            gxe.ExpectColumnValuesToBeBetween(column="stale_days", min_value=0),
        ),
    ),
    Suite(
        name="frontier",
        rules=(
            _at_least(2),
            *_not_null("scope", "edition", "tier", "side", "model", "score", "from_on"),
            gxe.ExpectColumnValuesToBeInSet(column="side", value_set=["open", "closed"]),
        ),
    ),
    Suite(
        name="parity events",
        rules=(  # whether there must be any is for the check history_has_parity_events
            *_not_null("event_id", "grade", "state", "closed_model", "open_model", "days", "known_on"),
            gxe.ExpectColumnValuesToBeUnique(column="event_id"),
            gxe.ExpectColumnValuesToMatchRegex(column="event_id", regex="^[0-9a-f]{64}$"),
        ),
    ),
)


def broken_in(frames: Mapping[str, pd.DataFrame]) -> list[Broken]:
    """Every rule that does not hold of the rows of these suites: suite, rule, column, how many rows and the first."""
    context = _context()
    house = context.data_sources.add_pandas("build")
    suites = [suite for suite in (*COLLECTED, *BUILT) if suite.name in frames]
    return [broken for suite in suites for broken in _broken(context, house, suite, frames[suite.name])]


def data_docs(db: duckdb.DuckDBPyConnection, folder: Path, suites: Iterable[Suite] = (*COLLECTED, *BUILT)) -> Path:
    """Writes the suites and what they found in a build as a static site; returns its first page.

    Its pages load their styles from a CDN, so they are plain without a network.
    """
    if folder.exists():
        shutil.rmtree(folder)
    context = _context()
    for site in list(context.get_site_names()):
        context.delete_data_docs_site(site)
    context.add_data_docs_site(
        site_name="site",
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())},
        },
    )
    house = context.data_sources.add_pandas("build")
    for suite in suites:
        batch = house.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("whole")
        rules = context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=_copies(suite)))
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=suite.name, data=batch, suite=rules)
        )
        checkpoint = context.checkpoints.add(gx.Checkpoint(name=suite.name, validation_definitions=[definition]))
        checkpoint.run(batch_parameters={"dataframe": db.execute(suite.query).df()})
    context.build_data_docs()
    return folder / "index.html"


def _context() -> gx.data_context.AbstractDataContext:
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _copies(suite: Suite) -> list[gxe.Expectation]:
    """The rules anew: a context writes its id into a rule that it stores, and no other context takes that one."""
    copies = [copy.deepcopy(rule) for rule in suite.rules]
    for rule in copies:
        rule.id = None
    return copies


def _broken(
    context: gx.data_context.AbstractDataContext, house: object, suite: Suite, frame: pd.DataFrame
) -> Iterator[Broken]:
    batch = house.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("whole")  # type: ignore[attr-defined]
    rules = gx.ExpectationSuite(name=suite.name, expectations=_copies(suite))
    result = batch.get_batch({"dataframe": frame}).validate(rules)
    for outcome in result.results:
        if outcome.success:
            continue
        about = outcome.expectation_config
        detail = outcome.result or {}
        where = about.kwargs.get("column") or about.kwargs.get("column_list") or "table"
        raised = outcome.exception_info.get("raised_exception") if outcome.exception_info else False
        seen = (
            "the rule itself failed"
            if raised
            else str(detail.get("partial_unexpected_list", detail.get("observed_value")))
        )
        severity = getattr(about.severity, "value", about.severity)
        yield Broken(
            suite=suite.name,
            rule=f"{about.type} on {where}",
            critical=bool(raised) or str(severity) != WARNING,
            found=f"{suite.name}: {about.type} on {where} does not hold"
            f" ({detail.get('unexpected_count', 0)} of {len(frame)} rows): {seen[:300]}",
        )
