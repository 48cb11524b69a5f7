"""The sources by licence and attribution, as their modules declare them."""

from __future__ import annotations

from collectors.registry import sources
from warehouse.dataset.descriptors import Attribution


def attributions() -> list[Attribution]:
    """Every source, by name."""
    return [
        Attribution(
            source=one.name,
            title=one.title,
            homepage=one.homepage,
            licence=one.licence,
            attribution=one.attribution or one.title,
        )
        for one in sources().values()
    ]
