"""Epoch AI's tables of models: publication date, training compute, parameters, who may have the weights.

Four files share these columns in different orders and overlap: all, notable, large-scale and frontier models.
"Model accessibility" says whether weights are open and under what kind of licence ("Open weights
(non-commercial)"); empty says nothing.  Compute and parameters are often Epoch's estimates.  Some rows have
no name or no date; games and protein models are there too.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Release, Row, Spec
from collectors.contract.source import Source
from collectors.entries import RowFault, guarded, model_name, quantity
from collectors.read.cells import day, written
from collectors.read.tables import csv_rows

NAME, ORGANIZATION, PUBLISHED = "Model", "Organization", "Publication date"
PARAMETERS, COMPUTE, ACCESSIBILITY = "Parameters", "Training compute (FLOP)", "Model accessibility"
OPEN = "Open weights"
CLOSED = frozenset({"API access", "Hosted access (no API)", "Unreleased"})


def parse(page: Page) -> Iterator[Row]:
    for row in csv_rows(page, (NAME, ORGANIZATION, PUBLISHED, PARAMETERS, COMPUTE, ACCESSIBILITY)):
        yield from guarded(_rows(row), row)


def _rows(row: dict[str, str]) -> Iterator[Row]:
    if not row[NAME].strip():
        return
    name, developer, access = model_name(row, NAME), row[ORGANIZATION].strip(), row[ACCESSIBILITY].strip()
    if access:
        if not access.startswith(OPEN) and access not in CLOSED:
            raise RowFault(ACCESSIBILITY, access[:80], f"{OPEN} (...) or {', '.join(sorted(CLOSED))}")
        yield Access(
            name=name,
            open=access.startswith(OPEN),
            evidence="registry flag",
            written=written(row, NAME, ACCESSIBILITY),
            developer=developer,
            licence=access.removeprefix(OPEN).strip(" ()") if access.startswith(OPEN) else "",
        )
    if on := day(row[PUBLISHED]):
        yield Release(
            name=name, event="released", happened_on=on, written=written(row, NAME, PUBLISHED), developer=developer
        )
    if parameters := quantity(row, PARAMETERS):
        yield Spec(
            name=name,
            quantity="parameters",
            value=parameters,
            written=written(row, NAME, PARAMETERS),
            developer=developer,
        )
    if compute := quantity(row, COMPUTE):
        yield Spec(
            name=name,
            quantity="training_flop",
            value=compute,
            written=written(row, NAME, COMPUTE),
            developer=developer,
        )


SOURCE = Source(
    name="epoch-models",
    title="Epoch AI models",
    kind="metadata",
    homepage="https://epoch.ai/data/ai-models",
    licence="CC-BY-4.0",
    attribution="Epoch AI",
    operator="Epoch AI",
    start=(
        "https://epoch.ai/data/all_ai_models.csv",
        "https://epoch.ai/data/notable_ai_models.csv",
        "https://epoch.ai/data/large_scale_ai_models.csv",
        "https://epoch.ai/data/frontier_ai_models.csv",
    ),
    hosts=frozenset({"epoch.ai"}),
    parse=parse,
    cadence_days=7,
)
