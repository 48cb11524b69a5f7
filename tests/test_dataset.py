"""The data set of a publication, as the tools of others see it; a wrong cell is caught by each that can see it."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from examples import Example, closed, opened, score

from collectors.registry import sources
from warehouse.publication import Publication

NIGHT = "2026-06-14"
FIRST_NIGHT = (closed("Cee", api="2026-01-01"), opened("Oh", weights="2026-02-01"), score("Cee", 60), score("Oh", 50))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Publication]:
    """Two nights in one data folder: in the second Oh overtakes Cee."""
    example = Example(tmp_path_factory.mktemp("data"))
    example.saw("2026-06-13", *FIRST_NIGHT)
    first = example.published("2026-06-13")
    example.saw(NIGHT, *FIRST_NIGHT[:3], score("Oh", 70), score("Zed", 20))
    return first, example.published(NIGHT)


@pytest.fixture
def dataset(nights: tuple[Publication, Publication], tmp_path: Path) -> Path:
    """A copy of the second night that a test may spoil."""
    ignored = shutil.ignore_patterns("site")
    copied = shutil.copytree(nights[1].folder, tmp_path / "dataset", ignore=ignored, copy_function=shutil.copyfile)
    return Path(copied)


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def replaced(file: Path, before: str, after: str) -> None:
    """Spoils a CSV file, compressed or not."""
    reads = gzip.open if file.suffix == ".gz" else open
    with reads(file, "rt", encoding="utf-8", newline="") as lines:
        text = lines.read()
    assert before in text
    with reads(file, "wt", encoding="utf-8", newline="") as lines:
        lines.write(text.replace(before, after, 1))


def validated(tool: str, folder: Path, *only: str) -> tuple[int, str]:
    """Exit code and report of a validator in a process of its own: its imports warn, and it keeps global state."""
    command = [sys.executable, str(ROOT / "tests" / "tools" / "validate_dataset.py"), tool, str(folder), *only]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


# --- descriptors --------------------------------------------------------------------------------


def test_every_file_has_a_resource_with_its_digest_and_every_column_its_type_and_meaning(dataset: Path) -> None:
    package, manifest = read(dataset, "datapackage.json"), read(dataset, "manifest.json")
    resources = {one["path"]: one for one in package["resources"]}
    files = {f"{place}/{p.name}" for place in ("parquet", "latest", "csv") for p in (dataset / place).iterdir()}
    assert resources.keys() == files
    for name, table in manifest["tables"].items():
        for form in ("parquet", "latest", "csv"):
            if form in table:
                resource = resources[table[form]["path"]]
                if form == "csv":
                    assert resource["hash"] == f"sha256:{table[form]['sha256']}"
                assert resource["schema"]["primaryKey"] == table["key"], name
                assert [field["name"] for field in resource["schema"]["fields"]] == list(table["columns"])
                assert all(field["description"] for field in resource["schema"]["fields"]), name


def test_the_card_has_what_the_hub_reads(dataset: Path) -> None:
    text = (dataset / "README.md").read_text("utf-8")
    metadata = yaml.safe_load(text.split("---\n")[1])
    configs = {one["config_name"]: one["data_files"] for one in metadata["configs"]}
    assert configs["gap_index"] == [
        {"split": "full", "path": "parquet/gap_index.parquet"},
        {"split": "latest", "path": "latest/gap_index.parquet"},
    ]
    assert all((dataset / file["path"]).exists() for files in configs.values() for file in files)
    for source in sources().values():
        assert f"| {source.name} |" in text and source.licence.replace("|", "\\|") in text


def test_the_hub_accepts_the_metadata_of_the_card(dataset: Path) -> None:
    from huggingface_hub import DatasetCard

    card = DatasetCard.load(dataset / "README.md")
    assert card.data.license == "other"
    assert card.data.pretty_name.startswith("gapindex")


# --- validators ---------------------------------------------------------------------------------


def test_frictionless_finds_the_data_package_valid(dataset: Path) -> None:
    assert validated("frictionless", dataset) == (0, "valid\n")


def test_mlcroissant_finds_the_description_valid_and_reads_records(dataset: Path) -> None:
    code, report = validated("croissant", dataset)
    assert (code, report.splitlines()[-1]) == (0, "valid")


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [("2026-06-14,board", "yesterday,board", "type-error"), (",Cee,", ",Cee,one,two,", "extra-cell")],
    ids=["a word for a date", "a comma too many"],
)
def test_frictionless_catches_a_wrong_cell_of_a_csv(dataset: Path, before: str, after: str, found: str) -> None:
    path = "csv/gap_index_latest.csv" if "board" in before else "csv/score_latest.csv.gz"
    assert validated("frictionless", dataset, path) == (0, "valid\n")
    replaced(dataset / path, before, after)
    code, report = validated("frictionless", dataset, path)
    assert code == 1 and found in report


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [("2026-06-14,board", "yesterday,board", "type-error"), (",open leads,", ",closed leads,", "hash-count")],
    ids=["a word for a date", "a plausible cell"],
)
def test_rows_of_a_long_file_that_frictionless_does_not_read_are_read_too(
    dataset: Path, before: str, after: str, found: str
) -> None:
    assert validated("frictionless", dataset, "csv/gap_index_latest.csv", "1") == (0, "valid\n")
    file = dataset / "csv/gap_index_latest.csv"
    head, there, tail = file.read_text("utf-8").rpartition(before)
    assert there and head.count("\n") > 1
    file.write_text(f"{head}{after}{tail}", "utf-8")
    code, report = validated("frictionless", dataset, "csv/gap_index_latest.csv", "1")
    assert code == 1 and found in report


def test_frictionless_catches_a_key_that_occurs_twice(dataset: Path) -> None:
    file = dataset / "csv/gap_index_latest.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines, lines[-1]]), "utf-8")
    code, report = validated("frictionless", dataset, "csv/gap_index_latest.csv")
    assert code == 1 and "primary-key" in report


def test_a_plausible_wrong_cell_is_caught_by_the_digest(dataset: Path) -> None:
    replaced(dataset / "csv/score_latest.csv.gz", ",70.0,", ",71.0,")
    code, report = validated("frictionless", dataset, "csv/score_latest.csv.gz")
    assert code == 1 and "hash-count" in report


def test_mlcroissant_catches_a_plausible_wrong_cell_by_the_digest(dataset: Path) -> None:
    import pyarrow.parquet as pq

    file = dataset / "latest/score.parquet"
    table = pq.read_table(file)
    values = [71.0 if value == 70.0 else value for value in table["value"].to_pylist()]
    pq.write_table(table.set_column(table.column_names.index("value"), "value", [values]), file)
    code, report = validated("croissant", dataset, "score-latest")
    assert code == 1 and "hex" in report


# --- changelog ----------------------------------------------------------------------------------


def test_the_first_publication_has_nothing_to_compare_with(nights: tuple[Publication, Publication]) -> None:
    changes = read(nights[0].folder, "changelog.json")
    assert (changes["since"], changes["tables"], changes["moved"]) == (None, {}, [])


def test_the_changelog_states_what_moved_and_which_rows_are_new(nights: tuple[Publication, Publication]) -> None:
    folder = nights[1].folder
    changes = read(folder, "changelog.json")
    assert (changes["night"], changes["since"]) == (NIGHT, "2026-06-13")
    assert changes["tables"]["score"] == {"new": 1, "gone": 0, "changed": 1}
    moved = {(row["scope"], row["tier"]): row for row in changes["moved"]}
    assert (moved["toy", "any"]["gap_before"], moved["toy", "any"]["gap"]) == (10, -10)
    text = (folder / "changelog.md").read_text("utf-8")
    assert "**toy** v1, tier any: gap 10 -> -10 %" in text
    assert "| `score` | 1 | 0 | 1 |" in text


def test_the_changelog_compares_with_an_earlier_night_however_often_this_one_is_published(
    nights: tuple[Publication, Publication], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(nights[1].folder.parents[1], tmp_path / "data", symlinks=True))
    example = Example(data)
    example.saw(NIGHT, *FIRST_NIGHT[:3], score("Oh", 52))
    changes = read(example.published(NIGHT).folder, "changelog.json")
    assert changes["since"] == "2026-06-13"
    assert changes["night"] == NIGHT
