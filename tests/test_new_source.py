"""`gapindex new-source`: from an address to a module that reads what was kept of its page.

The boards are toys, served by a mirror on this machine; what is written is imported and read like any source.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from conftest import ROOT

from collectors.contract.pages import Page
from collectors.contract.rows import Quarantined, Row, Score, Tally
from collectors.contract.source import Source
from collectors.parsing import read_page
from flows.cli import app
from flows.scaffold.new_source import NotScaffolded, scaffold

HOST = "board.toy.example"
NAME = "toy-bench"
MODELS = [
    ("Alpha 1", "Lab A", 91.5),
    ("Beta 2", "Lab B", 88.0),
    ("Gamma 3", "Lab C", 80.25),
    ("Delta 4", "Lab A", 79.0),
]
MODELS += [(f"Epsilon {n}", "Lab E", 60.0 - n) for n in range(6)]

HTML = (
    "<!DOCTYPE html><html><head><title>Toy</title><script>var secret = 'of the page'</script></head><body>"
    "<table><tr><td>About</td><td>us</td></tr><tr><td>x</td><td>y</td></tr></table><table id='board'><thead>"
    "<tr><th>#</th><th>Model</th><th>Organization</th><th>Score (%)</th><th>Date</th></tr></thead><tbody>"
    + "".join(
        f"<tr onclick='go({n})'><td>{n}</td><td><a href='https://toy.example/{n}'>{name}</a> <img src='x.png'></td>"
        f"<td>{lab}</td><td><b>{score}</b></td><td>2026-06-{n:02}</td></tr>"
        for n, (name, lab, score) in enumerate(MODELS, start=1)
    )
    + "</tbody></table></body></html>"
)
CSV = "Rank,Model,Organization,Overall Accuracy\n" + "".join(
    f'{n},"{name}",{lab},{score}%\n' for n, (name, lab, score) in enumerate(MODELS, start=1)
)
MARKDOWN = (
    "# Toy\n\nProse | with a bar.\n\n| Model | Organization | Accuracy | Cost ($) |\n|---|:-:|--:|--:|\n"
    + "".join(f"| {name} | {lab} | {score} | {n} |\n" for n, (name, lab, score) in enumerate(MODELS))
)
ROWS = [{"model": name, "organization": lab, "score": score} for name, lab, score in MODELS]
JSON = json.dumps({"about": "toy", "tags": list("abcdefgh"), "data": {"rows": [r | {"log": "x" * 999} for r in ROWS]}})
KEYED = json.dumps({name: {"organization": lab, "scores": {"overall": score / 100}} for name, lab, score in MODELS})
YAML = yaml.safe_dump(ROWS)

PAGES = {
    "table.html": (HTML, "html", 4),
    "table.csv": (CSV, "csv", 4),
    "table.md": (MARKDOWN, "markdown", 4),
    "rows.json": (JSON, "json", 3),
    "keyed.json": (KEYED, "json", 3),
    "rows.yml": (YAML, "yaml", 3),
    "no-ending": (HTML, "html", 4),
}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "checkout"
    (root / "collectors" / "sources").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "gapindex"\n', "utf-8")
    monkeypatch.chdir(root)
    return root


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A mirror of the toy boards: <base>/<night>/https/<host>/<path>."""
    folder = tmp_path_factory.mktemp("mirror")
    place = folder / "2026-06-14" / "https" / HOST
    place.mkdir(parents=True)
    for path, (text, _, _) in PAGES.items():
        (place / path).write_text(text, "utf-8")
    (place / "empty.html").write_text("<html><body><div id='root'></div></body></html>", "utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{{night}}"
        server.shutdown()
        thread.join()


def new_source(mirror: str, path: str, *options: str, name: str = NAME) -> Result:
    arguments = [name, f"https://{HOST}/{path}", "--mirror", mirror, "--night", "2026-06-14", *options]
    return CliRunner().invoke(app, ["new-source", *arguments])


def written(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and p.name != "pyproject.toml")


def loaded(text: str, tmp_path: Path) -> Source:
    file = tmp_path / "made_source.py"
    file.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location("made_source", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source: Source = module.SOURCE
    return source


def kept_page(root: Path) -> Page:
    case = root / "tests" / "fixtures" / NAME / "first"
    facts = tomllib.loads((case / "case.toml").read_text("utf-8"))
    return page(facts["url"], (case / facts["file"]).read_bytes())


def page(url: str, body: bytes) -> Page:
    return Page(url=url, body=body, fetched_at=datetime(2026, 6, 14, tzinfo=UTC))


def scores(rows: tuple[Row, ...]) -> list[tuple[str, float]]:
    return [(row.name, row.value) for row in rows if isinstance(row, Score)]


@pytest.mark.parametrize("path", PAGES)
def test_what_is_written_reads_what_is_kept(checkout: Path, mirror: str, tmp_path: Path, path: str) -> None:
    text, form, kept = PAGES[path]
    answer = new_source(mirror, path)
    assert answer.exit_code == 0, answer.output
    ending = {"markdown": "md", "yaml": "yml"}.get(form, form)
    assert written(checkout) == [
        "collectors/sources/toy_bench.py",
        "tests/fixtures/toy-bench/first/case.toml",
        f"tests/fixtures/toy-bench/first/page.{ending}",
    ]
    source = loaded((checkout / "collectors/sources/toy_bench.py").read_text("utf-8"), tmp_path)
    rows = read_page(source, kept_page(checkout))
    assert [row.rows for row in rows if isinstance(row, Tally)] == [kept]
    scale = 100 if path == "keyed.json" else 1
    assert scores(rows) == [(name, value / scale) for name, _, value in MODELS[:kept]]
    labs = {row.developer for row in rows if isinstance(row, Score)}
    assert labs == {lab for _, lab, _ in MODELS[:kept]}
    whole = read_page(source, page(source.start[0], text.encode()))
    assert len(scores(whole)) == len(MODELS)


def test_a_new_board_is_collected_and_does_not_count(checkout: Path, mirror: str, tmp_path: Path) -> None:
    new_source(mirror, "table.html")
    source = loaded((checkout / "collectors/sources/toy_bench.py").read_text("utf-8"), tmp_path)
    (board,) = source.boards
    assert (source.name, list(source.start), set(source.hosts)) == (NAME, [f"https://{HOST}/table.html"], {HOST})
    assert (board.name, board.unit, board.low, board.high, board.counts_for_index) == (NAME, "%", 0, 100, False)
    assert board.why_not


def test_only_a_few_rows_of_the_page_are_kept(checkout: Path, mirror: str) -> None:
    new_source(mirror, "table.html")
    kept = kept_page(checkout).text
    assert "Delta 4" in kept
    for gone in ("Epsilon", "secret", "onclick", "<img", "About"):
        assert gone not in kept
    assert '<a href="https://toy.example/1">Alpha 1</a>' in kept


def test_of_a_document_the_structure_is_kept(checkout: Path, mirror: str) -> None:
    new_source(mirror, "rows.json")
    kept = json.loads(kept_page(checkout).text)
    assert (kept["about"], kept["tags"]) == ("toy", ["a", "b", "c"])
    assert [(row["model"], len(row["log"])) for row in kept["data"]["rows"]] == [(m, 200) for m, _, _ in MODELS[:3]]


def test_what_is_written_passes_our_own_checks(checkout: Path, mirror: str) -> None:
    for at, path in enumerate(PAGES):
        assert new_source(mirror, path, name=f"toy-{at}").exit_code == 0
    ruff, config = [sys.executable, "-m", "ruff"], ["--no-cache", "--config", str(ROOT / "pyproject.toml"), "."]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([*ruff, *command, *config], cwd=checkout, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_overwritten(checkout: Path, mirror: str) -> None:
    file = checkout / "collectors" / "sources" / "toy_bench.py"
    file.write_text("mine", "utf-8")
    answer = new_source(mirror, "table.csv")
    assert answer.exit_code == 2
    assert "is there already" in answer.output
    assert (file.read_text("utf-8"), written(checkout)) == ("mine", ["collectors/sources/toy_bench.py"])


@pytest.mark.parametrize("project", ["", "[project]\nname = 'other'\n", "no toml", None])
def test_it_wants_to_be_run_in_the_checkout(checkout: Path, mirror: str, project: str | None) -> None:
    (checkout / "pyproject.toml").unlink()
    if project is not None:
        (checkout / "pyproject.toml").write_text(project, "utf-8")
    answer = new_source(mirror, "table.csv")
    assert answer.exit_code == 2
    assert "not the project's folder" in answer.output
    assert written(checkout) == []


@pytest.mark.parametrize("name", ["Toy", "toy_bench", "1toy", "toy--x", "../toy", "toy.py", ""])
def test_a_name_that_is_none_is_refused(checkout: Path, mirror: str, name: str) -> None:
    answer = new_source(mirror, "table.csv", name=name)
    assert (answer.exit_code, written(checkout)) == (2, [])


def test_the_name_of_a_board_that_is_there_is_refused(checkout: Path, mirror: str) -> None:
    answer = new_source(mirror, "table.csv", name="mathvista-testmini")
    assert (answer.exit_code, written(checkout)) == (2, [])
    assert "there already" in answer.output


@pytest.mark.parametrize(
    ("path", "result"),
    [("empty.html", "data file the script loads"), ("missing.html", "HTTP 404")],
)
def test_a_page_without_rows_is_reported(checkout: Path, mirror: str, path: str, result: str) -> None:
    answer = new_source(mirror, path)
    assert (answer.exit_code, written(checkout)) == (2, [])
    assert result in " ".join(answer.output.split())


def test_a_format_can_be_forced(checkout: Path, mirror: str) -> None:
    answer = new_source(mirror, "table.html", "--format", "csv")
    assert (answer.exit_code, written(checkout)) == (2, [])


HOSTILE = '"""\nraise SystemExit("\\x41 {{ 7 * 7 }}")'


@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_a_page_says_is_never_code(tmp_path: Path, form: str) -> None:
    columns = [f"model {HOSTILE}", f"score {HOSTILE}", f"lab {HOSTILE}"]
    if form == "json":
        text = json.dumps(
            {HOSTILE: [dict(zip(columns, row, strict=True)) for row in (("A", 1.5, "x"), ("B", 2.5, "y"))]}
        )
    else:
        header = ",".join('"' + name.replace('"', '""') + '"' for name in columns)
        text = f"{header}\nA,1.5,x\nB,2.5,y\n"
    body = page(f"https://{HOST}/page.{form}", text.encode())
    module = next(iter(scaffold(NAME, body).files.values()))
    assert scores(read_page(loaded(module, tmp_path), body)) == [("A", 1.5), ("B", 2.5)]


def test_a_headless_table_is_not_read_by_its_first_row() -> None:
    text = "<table>" + "".join(f"<tr><td>M{n}</td><td>{n}.5</td></tr>" for n in range(4)) + "</table>"
    with pytest.raises(NotScaffolded):
        scaffold(NAME, page(f"https://{HOST}/x.html", text.encode()))


def test_a_row_without_a_number_is_quarantined_not_dropped(tmp_path: Path) -> None:
    text = "model,score\n" + "".join(f"M{n},{n}.5\n" for n in range(9)) + "M9,soon\n"
    body = page(f"https://{HOST}/x.csv", text.encode())
    rows = read_page(loaded(next(iter(scaffold(NAME, body).files.values())), tmp_path), body)
    assert [row.name for row in rows if isinstance(row, Quarantined)] == ["M9"]
