"""Epoch AI's Capabilities Index as it publishes it today: ``eci_scores.csv`` and the score matrix it is fitted to.

``eci_benchmarks.csv`` has one row per model and benchmark.  ``performance`` is a fraction of the range above chance
(a quarter on GPQA Diamond is 0), so the boards here have no chance of their own, and their numbers differ from those
of `epoch-runs`, which holds the same runs until 2025-11 as they were scored.  Boards of both are one instrument group
(``seeds/instrument_group.csv``): the same runs are one witness.  ``source`` says where a number comes from: Epoch's
own evaluations and boards that stand alone count, copies of boards read here and numbers out of papers do not.
``model_version`` is Epoch's id with the effort as a suffix ("_xhigh"); ``Model`` is its name for people.

``eci_scores.csv`` holds the index itself, a composite with an interval of its own: another's estimate, never an
instrument.  It also says who may have the weights and when a model was released.  The difficulties
(``edi_scores.csv``) are not read: nothing here is computed from them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Release, Row, Tally
from collectors.contract.source import Board, Domain, Source
from collectors.entries import RowFault, guarded, model_name, quantity
from collectors.read.cells import day, number, written
from collectors.read.faults import FaultyRow
from collectors.read.tables import csv_rows

SCORES = "https://epoch.ai/data/eci_scores.csv"
MATRIX = "https://epoch.ai/data/eci_benchmarks.csv"
OPEN = "Open weights"
CLOSED = frozenset({"API access", "Hosted access (no API)", "Unreleased"})
MATHS: Domain = "reasoning and mathematics"
KNOWS: Domain = "knowledge and factuality"

INDEX = Board(
    name="epoch-eci",
    title="Epoch Capabilities Index",
    domain="general",
    measures="Epoch AI's estimate of general ability from all benchmarks it has: Claude 3.5 Sonnet 130, GPT-5 150.",
    unit="index",
    low=-50,
    high=300,
    composite=True,
    counts_for_index=False,
    why_not="another's estimate: a composite of boards that are read here one by one",
)


def _board(name: str, title: str, domain: Domain, *, n_items: int | None = None, why_not: str = "") -> Board:
    return Board(
        name=f"epoch-eci-{name}",
        title=f"{title} (Epoch AI, above chance)",
        domain=domain,
        measures="Share of the range above chance, as Epoch AI publishes it with its index.",
        unit="fraction",
        low=0,
        high=1,
        n_items=n_items,
        evaluator="unknown" if why_not == PAPERS else "third party",
        counts_for_index=not why_not,
        why_not=why_not,
    )


PAPERS = "collected from papers with different set-ups, often the makers' own numbers"
AGENTS = "every row is an agent on its own scaffold"
SPARSE = "fewer than twenty models, picked by who could be run"
MARKED = "answers marked by language models"


def _copy(of: str) -> str:
    return f"copy of {of}"


BENCHMARKS = {
    "ANLI": _board("anli", "ANLI", MATHS, why_not=PAPERS),
    "APEX-Agents": _board("apex-agents", "APEX-Agents", "agents", why_not=_copy("aa-apex-agents")),
    "ARC AI2": _board("arc-challenge", "ARC Challenge", KNOWS, why_not=PAPERS),
    "ARC-AGI": _board("arc-agi", "ARC-AGI-1", MATHS, why_not=_copy("the ARC Prize board")),
    "ARC-AGI-2": _board("arc-agi-2", "ARC-AGI-2", MATHS, why_not=_copy("the ARC Prize board")),
    "Aider polyglot": _board("aider-polyglot", "Aider polyglot", "coding", why_not=_copy("aider-polyglot")),
    "BBH": _board("bbh", "BIG-Bench Hard", MATHS, why_not=PAPERS),
    "Balrog": _board("balrog", "Balrog", "agents"),
    "CL-bench": _board("cl-bench", "CL-bench", "general", why_not=SPARSE),
    "CL-bench Life": _board("cl-bench-life", "CL-bench Life", "general", why_not=SPARSE),
    "CadEval": _board("cadeval", "CadEval", "coding", n_items=50),
    "Chess Puzzles": _board("chess-puzzles", "Chess puzzles", MATHS),
    "CritPt": _board("critpt", "CritPt", MATHS, why_not=_copy("aa-critpt")),
    "CursorBench": _board("cursorbench", "CursorBench", "coding", why_not=SPARSE),
    "Cybench": _board("cybench", "Cybench", "agents", n_items=40),
    "DeepResearch Bench": _board("deepresearch", "DeepResearch Bench", "agents"),
    "DeepSWE": _board("deepswe", "DeepSWE", "coding", why_not=SPARSE),
    "EBR-bench": _board("ebr-bench", "EBR-bench", MATHS, why_not=SPARSE),
    "ExploitBench": _board("exploitbench", "ExploitBench", "agents", why_not=SPARSE),
    "Fiction.LiveBench": _board("fictionlivebench", "Fiction.LiveBench", MATHS),
    "FrontierCode": _board("frontiercode", "FrontierCode", "coding", why_not=SPARSE),
    "FrontierMath-2025-02-28-Private": _board("frontiermath", "FrontierMath, tiers 1-3", MATHS, n_items=290),
    "FrontierMath-Tier-4-2025-07-01-Private": _board("frontiermath-tier-4", "FrontierMath, tier 4", MATHS, n_items=48),
    "FrontierMath-Tier-4-v2-Private": _board("frontiermath-tier-4-v2", "FrontierMath v2, tier 4", MATHS),
    "FrontierMath-Tiers-1-3-v2-Private": _board("frontiermath-v2", "FrontierMath v2, tiers 1-3", MATHS),
    "GDPval": _board("gdpval", "GDPval", "agents", why_not=_copy("aa-gdpval")),
    "GPQA diamond": _board("gpqa-diamond", "GPQA Diamond", MATHS, n_items=198),
    "GSM8K": _board("gsm8k", "GSM8K", MATHS, why_not=PAPERS),
    "GSO-Bench": _board("gso", "GSO", "coding", why_not=_copy("gso")),
    "GeoBench": _board("geobench", "GeoBench", "multimodal"),
    "HLE": _board("hle", "Humanity's Last Exam", KNOWS, why_not=_copy("aa-hle")),
    "HellaSwag": _board("hellaswag", "HellaSwag", KNOWS, why_not=PAPERS),
    "LAMBADA": _board("lambada", "LAMBADA", KNOWS, why_not=PAPERS),
    "Lech Mazur Writing": _board("lech-mazur-writing", "Short stories", "general", why_not=MARKED),
    "MATH level 5": _board("math-level-5", "MATH level 5", MATHS, n_items=1324),
    "METR Time Horizons": _board(
        "metr-horizon", "METR time horizons", "agents", why_not="a length of time that grows without bound, not a share"
    ),
    "MMLU": _board("mmlu", "MMLU", KNOWS, why_not=PAPERS),
    "Mystery Game Puzzles": _board("mystery-game-puzzles", "Mystery game puzzles", MATHS),
    "OSWorld": _board("osworld", "OSWorld", "agents", why_not=AGENTS),
    "OSWorld 2.0": _board("osworld-2", "OSWorld 2.0", "agents", why_not=AGENTS),
    "OTIS Mock AIME 2024-2025": _board("otis-aime", "OTIS Mock AIME", MATHS, n_items=45),
    "OpenBookQA": _board("openbookqa", "OpenBookQA", KNOWS, why_not=PAPERS),
    "PIQA": _board("piqa", "PIQA", KNOWS, why_not=PAPERS),
    "PostTrainBench": _board("posttrainbench", "PostTrainBench", "agents", why_not=AGENTS),
    "ProofBench": _board("proofbench", "ProofBench", MATHS),
    "Remote Labor Index": _board("remote-labor-index", "Remote Labor Index", "agents", why_not=AGENTS),
    "SWE-Bench verified": _board("swe-bench-verified", "SWE-bench Verified", "coding", n_items=484),
    "ScienceQA": _board("scienceqa", "ScienceQA", "multimodal", why_not=PAPERS),
    "SimpleBench": _board("simplebench", "SimpleBench", MATHS),
    "SimpleQA Verified": _board("simpleqa-verified", "SimpleQA Verified", KNOWS, n_items=1000),
    "Surface Evolver Bench": _board("surface-evolver", "Surface Evolver Bench", "coding", why_not=SPARSE),
    "Terminal Bench": _board("terminal-bench", "Terminal-Bench", "agents", why_not=AGENTS),
    "The Agent Company": _board("the-agent-company", "The Agent Company", "agents", why_not=AGENTS),
    "TriviaQA": _board("triviaqa", "TriviaQA", KNOWS, why_not=PAPERS),
    "VPCT": _board("vpct", "VPCT", "multimodal"),
    "WeirdML": _board("weirdml", "WeirdML", "coding"),
    "Winogrande": _board("winogrande", "Winogrande", KNOWS, why_not=PAPERS),
}
UNDECLARED = Board(
    name="epoch-eci-undeclared",
    title="Benchmarks of Epoch's index not declared here",
    domain="general",
    measures="Nothing: one row for each value of a benchmark that is seen and not read.",
    unit="points",
    low=0,
    high=1,
    counts_for_index=False,
    why_not="holds no values",
    min_rows=0,
)

_OWN_WORDS = re.compile(r"\b(system card|technical report|model card|announcement|annoucement|blog)\b", re.IGNORECASE)
"""Words of ``source`` by which a maker tells its own number; the misspelling is Epoch's."""


def parse(page: Page) -> Iterator[Row]:
    yield from _index(page) if page.url == SCORES else _matrix(page)


def _index(page: Page) -> Iterator[Row]:
    rows = csv_rows(page, ("Model", "eci", "eci_ci_low", "eci_ci_high", "date", "Organization", "Model accessibility"))
    yield Tally(board=INDEX.name, edition="current", rows=len(rows))
    for row in rows:
        yield from guarded(_estimate(row), row, board=INDEX.name, edition="current")
        yield from guarded(_facts(row), row)


def _estimate(row: dict[str, str]) -> Iterator[Row]:
    lo, hi = quantity(row, "eci_ci_low"), quantity(row, "eci_ci_high")
    yield INDEX.score(
        edition="current",
        name=model_name(row, "Model"),
        value=number(row["eci"]),
        developer=row["Organization"].strip(),
        stderr=(hi - lo) / 2 / 1.645 if lo is not None and hi is not None and hi > lo else None,
        written=written(row, "Model", "eci", "eci_ci_low", "eci_ci_high"),
    )


def _facts(row: dict[str, str]) -> Iterator[Row]:
    """Who may have the weights, and since when there is the model; "Unknown" says nothing."""
    name, developer, access = model_name(row, "Model"), row["Organization"].strip(), row["Model accessibility"].strip()
    if access not in ("", "Unknown"):
        if not access.startswith(OPEN) and access not in CLOSED:
            raise RowFault("Model accessibility", access[:80], f"{OPEN} (...), Unknown or {', '.join(sorted(CLOSED))}")
        yield Access(
            name=name,
            open=access.startswith(OPEN),
            evidence="registry flag",
            written=written(row, "Model", "Model accessibility"),
            developer=developer,
            licence=access.removeprefix(OPEN).strip(" ()") if access.startswith(OPEN) else "",
        )
    if on := day(row["date"]):
        yield Release(
            name=name,
            event="released",
            happened_on=on,
            written=written(row, "Model", "date"),
            developer=developer,
        )


def _matrix(page: Page) -> Iterator[Row]:
    by_benchmark: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv_rows(page, ("benchmark", "performance", "model", "model_version", "source")):
        if isinstance(row, FaultyRow):
            yield from guarded((), row)
        else:
            by_benchmark[row["benchmark"].strip()].append(row)
    for benchmark, rows in by_benchmark.items():
        board = BENCHMARKS.get(benchmark, UNDECLARED)
        yield Tally(board=board.name, edition=benchmark, rows=len(rows))
        for row in rows:
            yield from guarded(_performance(board, benchmark, row), row, board=board.name, edition=benchmark)


def _performance(board: Board, benchmark: str, row: dict[str, str]) -> Iterator[Row]:
    name = model_name(row, "model_version" if row["model_version"].strip() else "model")
    if board is UNDECLARED:
        yield Excluded(board=board.name, edition=benchmark, name=name, rule="benchmark not declared")
        return
    yield board.score(
        edition=benchmark,
        name=name,
        value=number(row["performance"]),
        self_reported=bool(_OWN_WORDS.search(row["source"])),
        written=written(row, "benchmark", "model", "model_version", "performance", "source"),
    )


SOURCE = Source(
    name="epoch-eci",
    title="Epoch Capabilities Index",
    kind="leaderboard",
    homepage="https://epoch.ai/eci",
    licence="CC-BY-4.0",
    attribution="Epoch AI, 'Epoch Capabilities Index'",
    operator="Epoch AI",
    start=(SCORES, MATRIX),
    hosts=frozenset({"epoch.ai"}),
    parse=parse,
    boards=(INDEX, *BENCHMARKS.values(), UNDECLARED),
    cadence_days=7,
)
