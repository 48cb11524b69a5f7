"""HELM's list of the models it can run: release date, access class, creator, parameters.

HELM's "open" means that weights can be downloaded, "limited" that there is an API, "closed" that there is
neither.  simple/model1 is a stub for its tests and no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Release, Row, Spec
from collectors.contract.source import Source
from collectors.entries import RowFault, date_of, entries, guarded, model_name, quantity, text
from collectors.read.cells import written
from collectors.read.documents import yaml_of
from collectors.read.faults import columns, same_keys

NEEDED = ("name", "access", "creator_organization_name")
OPEN = {"open": True, "limited": False, "closed": False}


def parse(page: Page) -> Iterator[Row]:
    top = yaml_of(page)
    models = top.get("models") if isinstance(top, dict) else None
    found = entries(page, models, "models: [{name, access, release_date}, ...]")
    same_keys(page, found, spare=("release_date",))
    for model in found:
        yield from guarded(_rows(page, model), model)


def _rows(page: Page, model: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, model, NEEDED)
    name, developer = model_name(model, "name"), text(model, "creator_organization_name")
    if name.startswith("simple/"):
        return
    access = text(model, "access")
    if access not in OPEN:
        raise RowFault("access", access[:60] or "nothing", f"one of {', '.join(OPEN)}")
    yield Access(
        name=name,
        open=OPEN[access],
        evidence="registry flag",
        written=written(model, "name", "access"),
        developer=developer,
    )
    if on := date_of(model, "release_date"):
        yield Release(
            name=name,
            event="released",
            happened_on=on,
            written=written(model, "name", "release_date"),
            developer=developer,
        )
    if parameters := quantity(model, "num_parameters"):
        yield Spec(
            name=name,
            quantity="parameters",
            value=parameters,
            written=written(model, "name", "num_parameters"),
            developer=developer,
        )


SOURCE = Source(
    name="helm-model-metadata",
    title="HELM model metadata",
    kind="metadata",
    homepage="https://crfm.stanford.edu/helm/",
    licence="Apache-2.0",
    attribution="Stanford CRFM, HELM",
    start=("https://raw.githubusercontent.com/stanford-crfm/helm/main/src/helm/config/model_metadata.yaml",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
)
