"""HELM's list of the models it can run: release date, access class, creator, parameters.

HELM's "open" means that weights can be downloaded, "limited" that there is an API, "closed" that there is
neither.  simple/model1 is a stub for its tests and no model.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.contract import Access, Drifted, Page, Release, Row, Source, Spec
from collectors.names import name_fault
from collectors.read import columns, day, number, same_keys, written, yaml_of

NEEDED = ("name", "access", "creator_organization_name")
OPEN = {"open": True, "limited": False, "closed": False}


def parse(page: Page) -> Iterator[Row]:
    top = yaml_of(page)
    models = top.get("models") if isinstance(top, dict) else None
    if not isinstance(models, list) or not models:
        raise Drifted(page.url, "no list of models", expected="models: [{name, access, release_date}, ...]")
    same_keys(page, models, spare=("release_date",))
    for model in models:
        columns(page, model, NEEDED)
        name, developer = str(model["name"]), str(model["creator_organization_name"])
        if name.startswith("simple/") or name_fault(name):
            continue
        yield Access(
            name=name,
            open=OPEN.get(str(model["access"])),
            evidence="registry flag",
            written=written(model, "name", "access"),
            developer=developer,
        )
        if on := day(model.get("release_date")):
            yield Release(
                name=name,
                event="released",
                happened_on=on,
                written=written(model, "name", "release_date"),
                developer=developer,
            )
        if parameters := number(model.get("num_parameters")):
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
