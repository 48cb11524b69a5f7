"""Every Eval Ever: the published scores as its records, which its own validator accepts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from commands import gapindex
from examples import Example, board, closed, excluded, opened, score

NIGHT = "2026-06-14"
VALIDATOR = "every-eval-ever==0.3.0"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Two models of known labs on a board of their own, a stranger's, and an average that is no evaluation."""
    made = Example(tmp_path_factory.mktemp("records"), board(), board("mean", composite=True))
    made.saw(
        NIGHT,
        closed("GPT-5", api="2025-08-07"),
        opened("DeepSeek-V3.2", weights="2025-12-01"),
        score("GPT-5 (high)", 61.5, stderr=1.25, n_items=400, scored_on="2026-06-01"),
        score("GPT-5", 60),
        score("DeepSeek-V3.2", 55, self_reported=True),
        score("Nobody's", 50),
        score("GPT-5", 70, board="mean"),
        excluded("Humans", "human"),
    )
    made.published(NIGHT)
    return made


def written(example: Example, folder: Path) -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """What the command counts, and each record by its path."""
    answer = gapindex("eval-records", "--to", folder, "--data", example.folder, "--json")
    assert answer.code == 0
    files = sorted(folder.rglob("*.json"))
    return answer.json, {str(file.relative_to(folder)): json.loads(file.read_text("utf-8")) for file in files}


def test_a_record_holds_the_scores_of_one_model_on_one_board(example: Example, tmp_path: Path) -> None:
    counts, records = written(example, tmp_path)
    assert counts == {"files": 2, "scores": 3, "composites": 1, "without_developer": 1}
    (gpt,) = [record for path, record in records.items() if path.startswith("data/toy/openai/gpt-5/")]
    assert [result["score_details"]["score"] for result in gpt["evaluation_results"]] == [60, 61.5]
    best = gpt["evaluation_results"][1]
    assert best["score_details"]["uncertainty"] == {"standard_error": {"value": 1.25}, "num_samples": 400}
    assert best["metric_config"]["max_score"] == 100 and not best["metric_config"]["lower_is_better"]
    assert best["evaluation_timestamp"] == "2026-06-01"
    assert "61.5" in best["score_details"]["details"]["row_as_written"]
    assert gpt["model_info"]["additional_details"]["model_availability"] == "closed_weights"


def test_who_evaluated_and_whether_the_weights_are_open(example: Example, tmp_path: Path) -> None:
    _, records = written(example, tmp_path)
    (deepseek,) = [record for path, record in records.items() if "deepseek" in path]
    assert deepseek["source_metadata"]["evaluator_relationship"] == "first_party"
    assert deepseek["model_info"]["additional_details"]["model_availability"] == "open_weights"


def test_the_same_scores_give_the_same_files(example: Example, tmp_path: Path) -> None:
    _, first = written(example, tmp_path)
    _, again = written(example, tmp_path)
    assert first == again
    uuid4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(rf"data/[^/]+/[^/]+/[^/]+/{uuid4}\.json", path) for path in first)


def python_of_the_validator() -> str | None:
    """A Python of 3.12 or later: it is not ours to install."""
    here = [sys.executable] if sys.version_info >= (3, 12) else []
    named = [shutil.which(f"python3.{minor}") for minor in (12, 13)]
    versions = sorted(Path.home().glob(".pyenv/versions/3.1[23]*/bin/python3"))
    for found in filter(None, chain(here, named, map(str, versions))):
        if subprocess.run([found, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
            return found
    return None


@pytest.mark.slow
def test_the_validator_of_every_eval_ever_accepts_them_and_finds_a_planted_fault(
    example: Example, tmp_path: Path
) -> None:
    if (python := python_of_the_validator()) is None:
        pytest.skip("every-eval-ever needs Python 3.12, which is not here")
    subprocess.run([python, "-m", "venv", str(tmp_path / "eee")], check=True)
    pip = [
        str(tmp_path / "eee" / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "-q",
        "--retries=1",
        "--timeout=20",
        VALIDATOR,
    ]
    if (got := subprocess.run(pip, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"{VALIDATOR} is not to be had: {got.stderr[-200:]}")
    written(example, tmp_path)

    def validated() -> int:
        tool = tmp_path / "eee" / "bin" / "every_eval_ever"
        ran = subprocess.run([tool, "validate", "data/**/*.json"], cwd=tmp_path, capture_output=True, check=False)
        return ran.returncode

    assert validated() == 0
    file = sorted(tmp_path.rglob("data/**/*.json"))[0]
    file.write_text(file.read_text("utf-8").replace('"third_party"', '"somebody"'), "utf-8")
    file.write_text(file.read_text("utf-8").replace('"first_party"', '"somebody"'), "utf-8")
    assert validated() != 0
