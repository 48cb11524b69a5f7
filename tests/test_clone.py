"""A clone tests itself: few tests need anything beside it."""

from __future__ import annotations

import pytest

MOST_SKIPPED = 40


def test_few_tests_need_the_recorded_web(request: pytest.FixtureRequest) -> None:
    """Counted among the tests that this very run collected."""
    marked = [item.nodeid for item in request.session.items if "recorded_web" in item.keywords]
    assert len(marked) <= MOST_SKIPPED, marked


def test_the_recorded_web_is_never_used_without_its_mark(request: pytest.FixtureRequest) -> None:
    bare = [
        item.nodeid
        for item in request.session.items
        if "recorded_web" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("recorded_web")
    ]
    assert not bare
