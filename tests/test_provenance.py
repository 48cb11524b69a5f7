"""Provenance: what changes a run's digest, what does not, and what a digest that is published already saves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
from examples import Example, board, closed, opened, score

from collectors import registry
from flows.night import build_and_publish
from warehouse import overrides, provenance, vintages
from warehouse.provenance import inputs_digest, library_versions, source_digest
from warehouse.scope import scope_of

NIGHT = date(2026, 6, 14)


def example(folder: Path) -> Example:
    result = Example(folder, board())
    models = closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01")
    result.saw("2026-06-14", *models, score("Cee", 60), score("Oh", 61))
    return result


def digest(here: Example, night: date = NIGHT, parser: str = "first parser") -> str:
    here.ingest(parser)
    return inputs_digest(here.store, night, here.sources, bundled=False, published=here.folder / "vintages")


# --- the digest ---------------------------------------------------------------------------------


def test_the_same_inputs_have_the_same_digest(tmp_path: Path) -> None:
    here, there = example(tmp_path / "here"), example(tmp_path / "there")
    assert digest(here) == digest(there) == digest(here)


@pytest.mark.parametrize(
    "change",
    [
        lambda here: here.saw("2026-06-14", score("Em", 50), url="https://toy.example/second"),
        lambda here: here.failed("2026-06-14", "blocked", "a bot wall", url="https://toy.example/second"),
        lambda here: here.saw("2026-06-13", score("Em", 50)),
        lambda here: overrides.append(here.folder, overrides.named("toy@2026-06-14", NIGHT, reason="looked into it")),
    ],
    ids=["a page", "a failure", "an earlier night", "a decision"],
)
def test_what_was_read_and_decided_changes_it(tmp_path: Path, change: Callable[[Example], object]) -> None:
    here = example(tmp_path)
    before = digest(here)
    change(here)
    assert digest(here) != before


def test_another_parser_changes_it(tmp_path: Path) -> None:
    here = example(tmp_path)
    assert digest(here) != digest(here, parser="second parser")


def test_later_nights_do_not_change_it(tmp_path: Path) -> None:
    here = example(tmp_path)
    before = digest(here)
    here.saw("2026-06-15", score("Em", 70))
    assert digest(here) == before
    assert digest(here, date(2026, 6, 15)) != before


def test_a_noise_constant_in_python_changes_it(tmp_path: Path) -> None:
    """The case that taught it: another prior gave other intervals under the same run_id."""
    copy = tmp_path / "warehouse"
    shutil.copytree(Path(str(files("warehouse"))), copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert source_digest([copy]) == source_digest([files("warehouse")])
    for name in ("measures/abilities.py", "seeds/margin.csv", "sql/frontier/marts/gap_index.sql"):
        before = source_digest([copy])
        with (copy / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        assert source_digest([copy]) != before, name


def test_the_release_of_a_library_changes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = example(tmp_path)
    before = digest(here)
    assert {"duckdb", "numpy", "scipy", "pyarrow", "python"} <= library_versions().keys()
    monkeypatch.setattr(provenance, "library_versions", lambda: library_versions() | {"numpy": "99.0"})
    assert digest(here) != before


def test_the_nights_own_vintage_changes_it_only_when_another_run_published_it(tmp_path: Path) -> None:
    here = example(tmp_path)
    before = digest(here)
    publication = here.published("2026-06-14")
    vintages.settle(here.folder, publication.folder, NIGHT)
    assert publication.run_id == before
    assert digest(here) == before
    (vintage,) = (here.folder / "vintages" / "gap_index").glob("*.parquet")
    with duckdb.connect(":memory:") as db:
        db.execute(f"create table rows as select * replace ('another run' as run_id) from '{vintage}'")
        db.execute(f"copy rows to '{vintage}' (format parquet)")
    assert digest(here) not in ("", before)


# --- the program --------------------------------------------------------------------------------


def test_the_code_version_names_the_commit_of_a_clone(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert provenance._commit(tmp_path) == ""  # nothing is committed yet
    (git / "packed-refs").write_text(f"# pack-refs\n{'b' * 40} refs/heads/main\n")
    assert provenance._commit(tmp_path) == "b" * 40
    (git / "refs" / "heads" / "main").write_text("a" * 40 + "\n")
    assert provenance._commit(tmp_path) == "a" * 40
    (git / "HEAD").write_text("c" * 40 + "\n")
    assert provenance._commit(tmp_path) == "c" * 40
    assert provenance._commit(tmp_path / "elsewhere") == ""
    assert provenance.code_version().endswith(f"d{provenance.program_digest()[:12]}")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("from collectors.parsing import rows", {"collectors.parsing", "collectors.parsing.rows"}),
        ("from collectors import sanitize", {"collectors", "collectors.sanitize"}),
        ("import collectors.sanitize as n", {"collectors.sanitize"}),
        ("import json, collectors.sanitize", {"collectors.sanitize"}),
        ("def parse(page):\n    from collectors.read import table", {"collectors.read", "collectors.read.table"}),
        ("'''\nfrom collectors import sanitize\n'''", set()),
    ],
)
def test_a_parsers_fingerprint_sees_every_form_of_import(text: str, names: set[str]) -> None:
    assert registry.imported(text) == names


# --- what is published already -------------------------------------------------------------------


def test_what_is_published_from_the_same_inputs_is_not_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = example(tmp_path)
    here.ingest()
    scope = scope_of(here.sources)
    first = build_and_publish(NIGHT, here.folder, scope, here.sources)
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.build.built", lambda *_, **__: pytest.fail("built again"))
        again = build_and_publish(NIGHT, here.folder, scope, here.sources)
    assert (first.fresh, again.fresh, again.folder, again.run_id) == (True, False, first.folder, first.run_id)
    models = closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01")
    here.saw("2026-06-14", *models, score("Cee", 60), score("Oh", 62))
    here.ingest()
    assert build_and_publish(NIGHT, here.folder, scope, here.sources).run_id != first.run_id
