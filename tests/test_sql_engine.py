"""The engine of the site's page for SQL: whose bytes are taken, and what a night does without it.

What the page does with it in a browser is in test_report.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.settings import load
from flows.sql_engine import ARCHIVES, NoEngine, fetched, site_options, unpack


def test_an_archive_with_other_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tgz").write_bytes(b"something else")
    with pytest.raises(NoEngine, match=r"has sha512 .*, expected .*; nothing of it is used"):
        unpack(tmp_path / "x.tgz", ARCHIVES[0], tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["x.tgz"]


def test_it_is_fetched_only_where_a_setting_asks_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no npm
    settings = load({"GAPINDEX_SITE_URL": "https://gap.example/"}, data=tmp_path / "data").settings
    options = site_options(settings)
    assert (options.engine, options.address("data/")) == (None, "https://gap.example/data/")
    assert not settings.data.exists()


def test_without_npm_the_site_lacks_the_page_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    options = site_options(load({"GAPINDEX_SITE_SQL": "yes"}, data=tmp_path / "data").settings)
    assert options.engine is None
    assert "npm is not installed; install Node.js, or leave site_sql off" in caplog.text


def test_what_was_fetched_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEngine):
        fetched(tmp_path)
    assert list(tmp_path.iterdir()) == []
    folder = tmp_path / f"duckdb-wasm-{ARCHIVES[0].version}"
    folder.mkdir()
    assert fetched(tmp_path) == folder
