"""One bad row costs one row: every mutation real lists have shown, on every source, loses and changes no other row.

The list of mutations is in ``mutations.py``, where the next report is added.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import KEYSTONES, MUTATIONS, Document, cost, documents, keystones, losses

from collectors.registry import sources

DOCUMENTS = {f"{document.source}-{document.case.name}": document for document in documents()}
NO_ROWS = frozenset({"official-bytedance-seed-blog", "tau-bench"})
"""Sources whose fixtures have no list of rows: a script inside a page, and a page for each row."""


@cache
def row_keys_of_others(name: str) -> frozenset[int]:
    """The rows of a page that tell what the others mean."""
    return frozenset(keystones(DOCUMENTS[name]))


def test_every_source_is_mutated() -> None:
    assert {document.source for document in DOCUMENTS.values()} == set(sources()) - NO_ROWS


def test_only_these_sources_have_rows_that_tell_what_others_mean() -> None:
    assert {DOCUMENTS[name].source for name in DOCUMENTS if row_keys_of_others(name)} == set(KEYSTONES)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_one_bad_row_costs_one_row(name: str) -> None:
    """Every mutation, on a few rows and fields of each page."""
    bad = [loss for loss in losses(DOCUMENTS[name]) if loss.lost and not excused(DOCUMENTS[name], loss.refused)]
    assert not bad, f"{len(bad)} of them, the first: {bad[0]}"


@settings(max_examples=25, deadline=None)
@given(st.data())
@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_bad_row_costs_one_row(name: str, data: st.DataObject) -> None:
    """Any mutation, on any row and any field of each page."""
    document = DOCUMENTS[name]
    at = data.draw(st.sampled_from([n for n in range(len(document.rows)) if n not in row_keys_of_others(name)] or [0]))
    field = data.draw(st.sampled_from(document.rows[at] or ("",)))
    loss = cost(document, at, field, data.draw(st.sampled_from(MUTATIONS)))
    assert loss is None or not loss.lost or excused(document, loss.refused), loss


def excused(document: Document, refused: str) -> bool:
    """Whether a page was refused because the row by which all others are read was hit; nothing of it is published."""
    return bool(refused) and document.source in KEYSTONES
