"""Epoch AI's Benchmarking Hub: its own runs, and other boards' numbers it collected, as CSV with a BOM.

``benchmarks_runs.csv`` holds Epoch's own runs, one board per task.  The value is the best scorer's, a
fraction; ``Scores`` gives every scorer with a rounded standard error ("choice:0.85±0.02"), where ±0 is
less than half a point rather than nothing.  ``task version`` came in November 2025 and says how the
harness changed: kept as the variant from 1.1 on, where two models were run again.  The effort is a
suffix of the model id ("o3-2025-04-16_high").

``external_benchmark_*.csv`` are collections by hand: from boards that stand alone (SimpleBench,
Balrog, WeirdML), from boards that other sources here read themselves (aider, ARC, GSO, LiveBench), of
agents (Terminal-Bench, OSWorld), and from papers with their mixed numbers of shots.  Columns and their
order change from file to file and from refresh to refresh, so `EXTERNAL` says what to read; WeirdML's
second version replaced the first under the same name and is known by its column.  A file or a
task that is not declared is counted as one excluded row, never read by guess.  ``Model version``, Epoch's id, is
preferred to the name the collected board used.

``model_versions.csv`` gives the release date per id.  The folder has no index of its own; GitHub's
listing of it is the first page.  Two or three refreshes in 2025, none since.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Get, Release, Row, Tally
from collectors.contract.source import Board, Domain, Source
from collectors.entries import entries, guarded, model_name
from collectors.read.cells import absent, day, number, written
from collectors.read.documents import json_of
from collectors.read.faults import UNENDED, FaultyRow
from collectors.read.tables import csv_rows

FOLDER = "https://raw.githubusercontent.com/epoch-research/benchmark-stitching/main/data/"
LISTING = "https://api.github.com/repos/epoch-research/benchmark-stitching/contents/data"
RUNS, VERSIONS = "benchmarks_runs.csv", "model_versions.csv"
MATHS: Domain = "reasoning and mathematics"


def _run(name: str, title: str, n_items: int, measures: str, *, domain: Domain = MATHS, chance: float = 0) -> Board:
    return Board(
        name=f"epoch-{name}",
        title=f"{title} (run by Epoch AI)",
        domain=domain,
        measures=measures,
        unit="fraction",
        low=0,
        high=1,
        n_items=n_items,
        chance=chance,
    )


def _apart(board: Board, why_not: str) -> Board:
    return replace(board, counts_for_index=False, why_not=why_not)


TASKS = {
    "GPQA diamond": _run(
        "gpqa-diamond",
        "GPQA Diamond",
        198,
        "Share of 198 graduate science questions with four answers solved.",
        chance=0.25,
    ),
    "MATH level 5": _run("math-level-5", "MATH level 5", 1324, "Share of 1,324 competition problems solved."),
    "OTIS Mock AIME 2024-2025": _run("otis-aime", "OTIS Mock AIME", 45, "Share of 45 mock AIME problems solved."),
    "FrontierMath-2025-02-28-Private": _run(
        "frontiermath", "FrontierMath, tiers 1-3", 290, "Share of 290 unpublished research-like problems solved."
    ),
    "FrontierMath-2025-02-28-Public": _apart(
        _run("frontiermath-public", "FrontierMath, public sample", 10, "Share of 10 published problems solved."),
        "ten published problems",
    ),
    "FrontierMath-Tier-4-2025-07-01-Private": _run(
        "frontiermath-tier-4", "FrontierMath, tier 4", 48, "Share of 48 unpublished research problems solved."
    ),
    "FrontierMath-Tier-4-2025-07-01-Public": _apart(
        _run("frontiermath-tier-4-public", "FrontierMath tier 4, sample", 2, "Share of 2 published problems solved."),
        "two published problems",
    ),
    "SWE-Bench verified": _run(
        "swe-bench-verified",
        "SWE-bench Verified",
        484,
        "Share of 484 checked GitHub issues resolved in one plain scaffold.",
        domain="coding",
    ),
}
UNDECLARED = Board(
    name="epoch-undeclared",
    title="Files and tasks of Epoch's hub not declared here",
    domain="general",
    measures="Nothing: one row for each file or task that is seen and not read.",
    unit="points",
    low=0,
    high=1,
    counts_for_index=False,
    why_not="holds no values",
    min_rows=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """How to read one collected file: ``columns`` are (edition, value column), the first that is there holds."""

    board: Board
    columns: tuple[tuple[str, str], ...]
    variants: tuple[str, ...] = ()
    stderr: str = ""
    plain: tuple[str, str] | None = None


def _collected(
    name: str,
    domain: Domain,
    columns: str | tuple[tuple[str, str], ...],
    *,
    why_not: str = "",
    variants: tuple[str, ...] = (),
    stderr: str = "",
    plain: tuple[str, str] | None = None,
    high: float = 100,
    n_items: int | None = None,
    chance: float | None = None,
    what: str = "Share of tasks solved",
) -> External:
    """``plain`` is (column, text) of the rows without tools; rows that say otherwise are left out."""
    unit: Literal["%", "rating", "points"] = "%" if high == 100 else "rating" if what.startswith("Rating") else "points"
    board = Board(
        name=f"epoch-external-{name}",
        title=f"{name} (collected by Epoch AI)",
        domain=domain,
        measures=f"{what}, as published by others and copied out by Epoch AI.",
        unit=unit,
        low=0,
        high=high,
        n_items=n_items,
        chance=chance,
        evaluator="unknown" if why_not == PAPERS else "third party",
        counts_for_index=not why_not,
        why_not=why_not,
    )
    parts = (("collected", columns),) if isinstance(columns, str) else columns
    return External(board=board, columns=parts, variants=variants, stderr=stderr, plain=plain)


PAPERS = "collected from papers with different set-ups, often the makers' own numbers"
AGENTS = "every row is an agent on its own scaffold"
KNOWS: Domain = "knowledge and factuality"


def _paper(name: str, columns: str, chance: float = 0, domain: Domain = KNOWS) -> External:
    return _collected(name, domain, columns, why_not=PAPERS, variants=("Shots",), chance=chance)


EXTERNAL = {
    "aider_polyglot": _collected(
        "aider-polyglot", "coding", "Percent correct", why_not="copy of aider-polyglot", variants=("Edit format",)
    ),
    "anli": _paper("anli", "Score", 33.3),
    "arc_agi": _collected("arc-agi", MATHS, "Score", why_not="copy of the ARC Prize board"),
    "arc_ai2": _paper("arc-challenge", "Challenge score", 25),
    "balrog": _collected(
        "balrog", "agents", "Average progress", stderr="Average Standard error", what="Mean progress in six games"
    ),
    "bbh": _paper("bbh", "Average", domain=MATHS),
    "boolq": _paper("boolq", "Score", 50),
    "cadeval": _collected("cadeval", "coding", "Overall pass (%)", n_items=50, variants=("Prompt",)),
    "csqa2": _paper("csqa2", "Score", 50),
    "cybench": _collected("cybench", "agents", "Unguided % Solved", n_items=40),
    "deepresearch": _collected("deepresearch", "agents", "Average score", what="Mean score of web research tasks"),
    "factorio_learning_environment": _collected(
        "factorio", "agents", "Lab Success %", why_not=AGENTS, variants=("Tools",)
    ),
    "fictionlivebench": _collected(
        "fictionlivebench", MATHS, "16k token score", what="Share of questions on a story of 16,000 tokens answered"
    ),
    "geobench": _collected(
        "geobench",
        "multimodal",
        "ACW Avg Score",
        high=5000,
        plain=("Tools", "None"),
        what="Mean points, out of 5,000, for the place of a street picture",
    ),
    "gsm8k": _paper("gsm8k", "EM", domain=MATHS),
    "gso_bench": _collected("gso", "coding", "Score OPT@1", why_not="copy of gso", variants=("Scaffold",)),
    "hellaswag": _paper("hellaswag", "Overall accuracy", 25),
    "lambada": _paper("lambada", "Score"),
    "lech_mazur_writing": _collected(
        "lech-mazur-writing",
        "general",
        "Mean score",
        why_not="stories marked by language models",
        high=10,
        what="Mean mark of short stories, out of 10",
    ),
    "livebench": _collected("livebench", "general", "Global average", why_not="copy of livebench"),
    "mcbench": _collected(
        "mcbench", "coding", "ELO", why_not="one snapshot of a vote", high=4000, what="Rating of Minecraft buildings"
    ),
    "metr": _collected(
        "metr-horizon",
        "agents",
        "Time horizon",
        why_not="a length of time that grows without bound, not a share",
        high=100_000,
        what="Length, in minutes of human work, of the tasks done half of the time",
    ),
    "mmlu": _paper("mmlu", "EM", 25),
    "openbookqa": _paper("openbookqa", "Accuracy", 25),
    "os_world": _collected("osworld", "agents", "Score", why_not=AGENTS, variants=("Agent",)),
    "osuniverse": _collected("osuniverse", "agents", "Weighted Score", why_not=AGENTS, variants=("Agent",)),
    "piqa": _paper("piqa", "Score", 50),
    "scienceqa": _paper("scienceqa", "Score", domain="multimodal"),
    "simple_bench": _collected("simplebench", MATHS, "Score (AVG@5)", chance=16.7),
    "superglue": _paper("superglue", "Score"),
    "terminal_bench": _collected(
        "terminal-bench", "agents", "Accuracy mean", why_not=AGENTS, variants=("Agent",), stderr="Accuracy SE"
    ),
    "the_agent_company": _collected(
        "the-agent-company", "agents", "% Resolved", why_not=AGENTS, variants=("Environment model",)
    ),
    "triviaqa": _paper("triviaqa", "EM"),
    "videomme": _collected(
        "videomme", "multimodal", "Overall (no subtitles)", why_not=PAPERS, variants=("Frames",), chance=25
    ),
    "vpct": _collected("vpct", "multimodal", "Correct", chance=33.3),
    "webdevarena": _collected(
        "webdev-arena", "coding", "Arena Score", why_not="copy of an arena board", high=4000, what="Rating by votes"
    ),
    "weirdml": _collected("weirdml", "coding", (("v2", "Accuracy"), ("v1", "Average"))),
    "winogrande": _paper("winogrande", "Accuracy", 50),
}


RUN_COLUMNS = ("task", "model", "Best score (across scorers)", "Scores", "started_at", "Status")


def parse(page: Page) -> Iterator[Row]:
    file = page.url.rsplit("/", 1)[-1]
    short = file.removeprefix("external_benchmark_").removesuffix(".csv")
    if page.url == LISTING:
        yield from _listing(page)
    elif file == RUNS:
        yield from _runs(page)
    elif file == VERSIONS:
        yield from _versions(page)
    elif short in EXTERNAL:
        yield from _external(page, EXTERNAL[short])
    else:
        raise Drifted(page.url, f"a file {file!r} that is not declared", expected="a file the listing handed on")


def _listing(page: Page) -> Iterator[Row]:
    found = entries(page, json_of(page), "GitHub's listing of the data folder")
    names = [str(entry.get("name")) for entry in found if entry.get("type") == "file"]
    if RUNS not in names:
        raise Drifted(page.url, f"no {RUNS} in the folder", expected="GitHub's listing of the data folder")
    known = {RUNS, VERSIONS, *(f"external_benchmark_{short}.csv" for short in EXTERNAL)}
    yield from (Get(url=FOLDER + name) for name in names if name in known)
    new = [name for name in names if name not in known and name.endswith(".csv")]
    yield Tally(board=UNDECLARED.name, edition="files", rows=len(new))
    for name in new:
        yield Excluded(board=UNDECLARED.name, edition="files", name=name, rule="file not declared")


def _runs(page: Page) -> Iterator[Row]:
    tasks: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv_rows(page, RUN_COLUMNS):
        if isinstance(row, FaultyRow):
            yield from guarded((), row)
        else:
            tasks[row["task"]].append(row)
    for task, rows in tasks.items():
        board = TASKS.get(task, UNDECLARED)
        dates = (_started(row) for row in rows)
        yield Tally(board=board.name, edition=task, rows=len(rows), updated_on=max(filter(None, dates), default=None))
        for row in rows:
            yield from guarded(_scored(board, task, row), row, board=board.name, edition=task)


def _scored(board: Board, task: str, row: dict[str, str]) -> Iterator[Row]:
    if task not in TASKS or row["Status"].replace(f"Success{UNENDED}", "Success") not in ("Success", ""):
        rule = "run not finished" if task in TASKS else "task not declared"
        yield Excluded(board=board.name, edition=task, name=row["model"], rule=rule)
        return
    value, version = number(row["Best score (across scorers)"]), row.get("task version", "").removesuffix(UNENDED)
    yield board.score(
        edition=task,
        name=row["model"],
        value=value,
        variant=f"task {version}" if version and not version.startswith("1.0.") else "",
        stderr=_stderr(row["Scores"], value),
        written=written(row, "id", *RUN_COLUMNS, "task version"),
        scored_on=_started(row),
    )


def _stderr(scores: str, best: float | None) -> float | None:
    """The standard error of the scorer whose rounded score is the best one."""
    pairs = [(float(s), float(e)) for s, e in re.findall(r":(\d(?:\.\d+)?)±(\d(?:\.\d+)?)", scores)]
    if not pairs or best is None:
        return None
    return min(pairs, key=lambda pair: abs(pair[0] - best))[1] or None


def _started(row: dict[str, str]) -> date | None:
    return day(" ".join(row["started_at"].split()[:3]))


def _external(page: Page, external: External) -> Iterator[Row]:
    rows = csv_rows(page, ("Model version", *(external.plain[:1] if external.plain else ())))
    found = next(((e, c) for e, c in external.columns if rows and c in rows[0]), None)
    if found is None:
        expected = " or ".join(column for _, column in external.columns)
        raise Drifted(page.url, f"no value column among {list(rows[0]) if rows else []}", expected=expected)
    edition, column = found
    yield Tally(board=external.board.name, edition=edition, rows=len(rows))
    for row in rows:
        yield from guarded(_copied(external, edition, column, row), row, board=external.board.name, edition=edition)


def _copied(external: External, edition: str, column: str, row: dict[str, str]) -> Iterator[Row]:
    name = _name(row)
    if rule := _rule(external, row, name, column):
        name = name or f"record {row.get('id') or row.get('UUID')}"
        yield Excluded(board=external.board.name, edition=edition, name=name, rule=rule)
        return
    yield external.board.score(
        edition=edition,
        name=" ".join(name.split()),
        value=number(row[column]),
        variant=", ".join(f"{key}: {row[key].strip()}" for key in external.variants if row.get(key, "").strip()),
        stderr=number(row.get(external.stderr)),
        written=written(row, *(key for key in row if key in ("Model version", "Name", "Source", column))),
    )


def _name(row: dict[str, str]) -> str:
    """Epoch's id or else the collected board's own name; a file with ``UUID`` has that name under ``id``."""
    keys = ("Model version", "Name", "Model", "Agent", *(("id",) if "UUID" in row else ()))
    return next((row[key] for key in keys if row.get(key, "").strip()), "")


def _rule(external: External, row: dict[str, str], name: str, column: str) -> str:
    if not name:
        mixed = re.search(r"\b(mix|combo) of\b", row.get("Notes", ""), re.IGNORECASE)
        return "two models in one run" if mixed else "model not named"
    if re.search(r"\bhumans?\b", f"{name} {row.get('Name', '')}", re.IGNORECASE):
        return "human"
    if re.match(r"(random|majority)\b", name, re.IGNORECASE):
        return "random or frequent choice"
    if external.plain and row.get(external.plain[0], "").strip() not in ("", external.plain[1]):
        return "with tools"
    return "not scored" if absent(row[column]) else ""


def _versions(page: Page) -> Iterator[Row]:
    for row in csv_rows(page, ("id", "Model", "Version release date", "Hugging Face developer id")):
        yield from guarded(_release(row), row)


def _release(row: dict[str, str]) -> Iterator[Row]:
    if row["id"] and (on := day(row["Version release date"])):
        yield Release(
            name=model_name(row, "id"),
            event="released",
            happened_on=on,
            developer=row["Hugging Face developer id"],
            written=written(row, "id", "Model", "Version release date", "Hugging Face developer id"),
        )


SOURCE = Source(
    name="epoch-runs",
    title="Epoch AI Benchmarking Hub",
    kind="leaderboard",
    operator="Epoch AI",
    homepage="https://epoch.ai/benchmarks",
    licence="MIT (repository), CC BY (data)",
    attribution="Epoch AI, 'AI Benchmarking Hub'",
    start=(LISTING,),
    hosts=frozenset({"api.github.com", "raw.githubusercontent.com"}),
    parse=parse,
    boards=(*TASKS.values(), *(external.board for external in EXTERNAL.values()), UNDECLARED),
    cadence_days=60,
)
