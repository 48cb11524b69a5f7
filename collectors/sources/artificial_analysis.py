"""Artificial Analysis: their leaderboard's own page payload, as a public repository keeps it.

``latest.json`` names the night's folder, ``llms.json`` in it holds every model configuration with
indices, single evaluations, price, size and licence.  Each metric is a board of its own here.

- The indices are re-based now and then and the file carries no index version, so the edition says
  only "current"; a re-base is found by the gates, which see all values move in one night.
- ``artificial_analysis_intelligence_index_is_estimated`` is true for a quarter of the rows (models
  too old to be run again): an estimate is not a measurement, so the index leaves them out.  Without
  them its record begins in 2024; a board of its own, which counts for nothing, has them all, for who
  asks how long GPT-4 stood.
- The coding index of old models stands although an evaluation it is made of was never run
  (GPT-4: 13.1 with neither part): a leftover of an older index, and left out.  What the indices are made of changes:
  on 2026-06-21 two evaluations were replaced, and a fixed list of parts left out 82 of 228 rows, all the new models.
  So only a part that the page's own ten best have all been run on is asked of the others.
- A zero for which not one token was spent is a refusal to run, not a result: 54 models have
  ``aa_lcr`` 0 because the documents do not fit their context, 16 have ``tau2_bench`` 0 without a call.
- GDPval's normalised value is cut off at 0 and 1, which hides a third of the models behind one
  number, so the Elo it is made of is read, with its own 95 % interval.
- A metric that disappears from the file quarantines its own board and leaves the others alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Get, Price, Release, Row, Spec, Tally
from collectors.contract.source import Board, Source
from collectors.entries import FaultyEntry, entries, guarded, keys_of
from collectors.read.cells import day, number, written
from collectors.read.documents import json_of
from collectors.read.faults import columns

ROOT = "https://raw.githubusercontent.com/Maicarons/artificial-analysis-leaderboards/main/"
EDITION = "current"
Z95 = 1.96
INDEX = "artificial_analysis_intelligence_index"
BEST = 10


@dataclass(frozen=True, slots=True)
class Metric:
    """Where a board's value stands: its key, its key among the token counts, the parts it needs."""

    board: Board
    key: str
    tokens: str = ""
    parts: tuple[str, ...] = ()  # evaluations that the index has been made of
    estimates: bool = False


INTELLIGENCE = Board(
    name="aa-intelligence-index",
    title="Artificial Analysis Intelligence Index",
    domain="general",
    measures="Weighted average of about ten evaluations of reasoning, knowledge, coding and agentic work.",
    unit="index",
    low=0,
    high=100,
    composite=True,
    min_rows=50,
)
ESTIMATED = Board(
    name="aa-intelligence-index-estimated",
    title="Artificial Analysis Intelligence Index, with its estimates",
    domain="general",
    measures="The index with Artificial Analysis's own estimates for models too old to be run again.",
    unit="index",
    low=0,
    high=100,
    composite=True,
    counts_for_index=False,
    why_not="a quarter of its values are estimates; the measured ones are aa-intelligence-index",
    min_rows=50,
)
CODING = Board(
    name="aa-coding-index",
    title="Artificial Analysis Coding Index",
    domain="coding",
    measures="Average of the coding evaluations: work in a terminal, scientific programming.",
    unit="index",
    low=0,
    high=100,
    composite=True,
    min_rows=50,
)
AGENTIC = Board(
    name="aa-agentic-index",
    title="Artificial Analysis Agentic Index",
    domain="agents",
    measures="Average of the agentic evaluations: tool calls for customers, and office work.",
    unit="index",
    low=0,
    high=100,
    composite=True,
    min_rows=50,
)
GPQA = Board(
    name="aa-gpqa",
    title="GPQA Diamond (Artificial Analysis)",
    domain="reasoning and mathematics",
    measures="Share of 198 graduate questions of physics, chemistry and biology answered right, one of four.",
    unit="fraction",
    low=0,
    high=1,
    n_items=198,
    chance=0.25,
    min_rows=50,
)
HLE = Board(
    name="aa-hle",
    title="Humanity's Last Exam (Artificial Analysis)",
    domain="reasoning and mathematics",
    measures="Share of 2,158 text-only expert questions answered right.",
    unit="fraction",
    low=0,
    high=1,
    n_items=2158,
    min_rows=50,
)
SCICODE = Board(
    name="aa-scicode",
    title="SciCode (Artificial Analysis)",
    domain="coding",
    measures="Share of 288 sub-problems of scientific programming solved.",
    unit="fraction",
    low=0,
    high=1,
    n_items=288,
    chance=0,
    min_rows=50,
)
LCR = Board(
    name="aa-lcr",
    title="AA-LCR",
    domain="reasoning and mathematics",
    measures="Share of 100 questions answered right over about 100,000 tokens of documents.",
    unit="fraction",
    low=0,
    high=1,
    n_items=100,
    chance=0,
    min_rows=50,
)
IFBENCH = Board(
    name="aa-ifbench",
    title="IFBench (Artificial Analysis)",
    domain="general",
    measures="Share of 294 prompts whose verifiable instructions were followed.",
    unit="fraction",
    low=0,
    high=1,
    n_items=294,
    min_rows=50,
)
TAU2 = Board(
    name="aa-tau2",
    title="tau2-bench Telecom (Artificial Analysis)",
    domain="agents",
    measures="Share of 114 simulated customer-service tasks solved with tools.",
    unit="fraction",
    low=0,
    high=1,
    n_items=114,
    chance=0,
    min_rows=50,
)
TERMINAL = Board(
    name="aa-terminal-bench-hard",
    title="Terminal-Bench Hard (Artificial Analysis)",
    domain="agents",
    measures="Share of 44 hard tasks solved in a terminal.",
    unit="fraction",
    low=0,
    high=1,
    n_items=44,
    chance=0,
    min_rows=50,
)
CRITPT = Board(
    name="aa-critpt",
    title="CritPt (Artificial Analysis)",
    domain="reasoning and mathematics",
    measures="Share of 70 unpublished physics research problems solved.",
    unit="fraction",
    low=0,
    high=1,
    n_items=70,
    chance=0,
    min_rows=50,
)
OMNISCIENCE = Board(
    name="aa-omniscience",
    title="AA-Omniscience Index",
    domain="knowledge and factuality",
    measures="Right minus wrong answers to 6,000 questions of fact, abstaining counts nothing; -100 to 100.",
    unit="index",
    low=-100,
    high=100,
    n_items=6000,
    min_rows=50,
)
ACCURACY = Board(
    name="aa-omniscience-accuracy",
    title="AA-Omniscience accuracy",
    domain="knowledge and factuality",
    measures="Share of 6,000 questions of fact answered right.",
    unit="fraction",
    low=0,
    high=1,
    n_items=6000,
    chance=0,
    counts_for_index=False,
    why_not="the same answers as aa-omniscience",
    min_rows=50,
)
NON_HALLUCINATION = Board(
    name="aa-omniscience-non-hallucination",
    title="AA-Omniscience non-hallucination",
    domain="knowledge and factuality",
    measures="Of the questions of fact not answered right, the share where the model abstained.",
    unit="fraction",
    low=0,
    high=1,
    counts_for_index=False,
    why_not="the same answers as aa-omniscience",
    min_rows=50,
)
APEX = Board(
    name="aa-apex-agents",
    title="APEX-Agents (Artificial Analysis)",
    domain="agents",
    measures="Share of 452 long tasks of banking, consulting and law done in full.",
    unit="fraction",
    low=0,
    high=1,
    n_items=452,
    chance=0,
    min_rows=10,
)
GDPVAL = Board(
    name="aa-gdpval",
    title="GDPval-AA",
    domain="agents",
    measures="Elo from blind pairwise judgements of finished office work.",
    unit="rating",
    low=-1000,
    high=5000,
    min_rows=50,
)
MMMU_PRO = Board(
    name="aa-mmmu-pro",
    title="MMMU-Pro (Artificial Analysis)",
    domain="multimodal",
    measures="Share of 1,730 college questions with images answered right, one of up to ten.",
    unit="fraction",
    low=0,
    high=1,
    n_items=1730,
    min_rows=20,
)
METRICS = (
    Metric(INTELLIGENCE, INDEX),
    Metric(ESTIMATED, INDEX, estimates=True),
    Metric(CODING, "artificial_analysis_coding_index", parts=("terminal_bench_hard", "scicode")),
    Metric(AGENTIC, "artificial_analysis_agentic_index", parts=("tau2_bench", "gdpval_aa_normalized")),
    Metric(GPQA, "gpqa", "gpqa"),
    Metric(HLE, "hle", "hle"),
    Metric(SCICODE, "scicode", "scicode"),
    Metric(LCR, "aa_lcr", "lcr"),
    Metric(IFBENCH, "ifbench", "ifbench"),
    Metric(TAU2, "tau2_bench", "tau2"),
    Metric(TERMINAL, "terminal_bench_hard", "terminalbenchHard"),
    Metric(CRITPT, "critpt", "critpt"),
    Metric(OMNISCIENCE, "aa_omniscience", "omniscience"),
    Metric(ACCURACY, "aa_omniscience_accuracy", "omniscience"),
    Metric(NON_HALLUCINATION, "aa_omniscience_non_hallucination", "omniscience"),
    Metric(APEX, "apex_agents"),
    Metric(GDPVAL, "gdpval_aa_normalized", "gdpval"),
    Metric(MMMU_PRO, "mmmu_pro", "mmmuPro"),
)
NEEDED = ("name", "release_date", "creator", "evaluations", "pricing", "capabilities", "open_weights", "breakdowns")
_REPO = re.compile(r"https://huggingface\.co/([\w.-]+/[\w.-]+)/?")


def _part(row: dict[str, Any], key: str) -> dict[str, Any]:
    part = row.get(key)
    return part if isinstance(part, dict) else {}


def _name(row: dict[str, Any]) -> str:
    return str(row.get("name") or "")


def _developer(row: dict[str, Any]) -> str:
    return str(_part(row, "creator").get("name") or "")


def _value(metric: Metric, row: dict[str, Any]) -> tuple[float | None, float | None, str]:
    """Value, standard error and row as written."""
    evaluations = _part(row, "evaluations")
    if metric.board is not GDPVAL:
        shown = {"name": _name(row), metric.key: evaluations.get(metric.key)}
        return number(evaluations.get(metric.key)), None, written(shown)
    elo = _part(_part(row, "breakdowns"), "gdpval")
    low, high = number(elo.get("lower95ci")), number(elo.get("upper95ci"))
    stderr = None if low is None or high is None else (high - low) / 2 / Z95
    shown = {"name": _name(row), "elo": elo.get("elo"), "lower95ci": low, "upper95ci": high}
    return number(elo.get("elo")), stderr, written(shown)


def _parts(metric: Metric, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """The parts of an index that its ten best rows (of a short page the better half) all have: what it is made of."""
    placed = [(value, row) for row in rows if (value := _value(metric, row)[0]) is not None]
    best = [row for _, row in sorted(placed, key=lambda one: one[0], reverse=True)]
    best = best[: min(BEST, max(1, len(best) // 2))]
    return tuple(part for part in metric.parts if all(_part(row, "evaluations").get(part) is not None for row in best))


def _left_out(metric: Metric, row: dict[str, Any], value: float | None, parts: tuple[str, ...]) -> str:
    """The rule by which a row is no result of this metric, or the empty string."""
    evaluations = _part(row, "evaluations")
    if metric.key in evaluations and evaluations[metric.key] is None:
        return "not scored"
    if evaluations.get(f"{metric.key}_is_estimated") and not metric.estimates:
        return "estimated score"
    if any(evaluations.get(part) is None for part in parts):
        return "a part of the index was not run"
    if metric.board is GDPVAL and value is None and metric.key in evaluations:
        return "no Elo beside the normalised value"
    spent = _part(_part(_part(row, "breakdowns"), "eval_token_counts"), metric.tokens)
    if value == 0 and spent and not any(spent.values()):
        return "not run: no token was spent"
    return ""


def _scores(metric: Metric, rows: list[dict[str, Any]]) -> Iterator[Row]:
    yield Tally(board=metric.board.name, edition=EDITION, rows=len(rows))
    parts = _parts(metric, rows)
    for row in rows:
        yield from guarded(_score(metric, row, parts), row, board=metric.board.name, edition=EDITION)


def _score(metric: Metric, row: dict[str, Any], parts: tuple[str, ...]) -> Iterator[Row]:
    value, stderr, shown = _value(metric, row)
    if rule := _left_out(metric, row, value, parts):
        yield Excluded(board=metric.board.name, edition=EDITION, name=_name(row), rule=rule, value=value)
        return
    yield metric.board.score(
        edition=EDITION,
        name=_name(row),
        value=value,
        written=shown,
        developer=_developer(row),
        stderr=stderr,
    )


def _facts(row: dict[str, Any]) -> Iterator[Row]:
    name = _name(row)
    weights = _part(row, "open_weights")
    if isinstance(weights.get("is_open_weights"), bool):
        repo = _REPO.match(str(weights.get("huggingface_url") or ""))
        yield Access(
            name=name,
            open=weights["is_open_weights"],
            evidence="registry flag",
            licence=str(weights.get("license_name") or ""),
            repo=repo.group(1) if repo else "",
            developer=_developer(row),
            written=written(weights, "is_open_weights", "license_name", "license_url", "huggingface_url"),
        )
    if released := day(row.get("release_date")):
        shown = written(row, "release_date")
        yield Release(name=name, event="released", happened_on=released, developer=_developer(row), written=shown)
    pricing = _part(row, "pricing")
    paid, earned = number(pricing.get("price_1m_input_tokens")), number(pricing.get("price_1m_output_tokens"))
    if paid and earned and paid > 0 and earned > 0:
        yield Price(
            name=name,
            provider="artificial-analysis median",
            input_usd=paid,
            output_usd=earned,
            written=written(pricing, "price_1m_input_tokens", "price_1m_output_tokens"),
        )
    sizes = _part(row, "capabilities")
    total, active = number(sizes.get("total_parameters")), number(sizes.get("active_parameters"))
    context = number(sizes.get("context_window_tokens"))
    shown = written(sizes, "total_parameters", "active_parameters", "context_window_tokens")
    if total and total > 0:
        yield Spec(
            name=name, quantity="parameters", value=float(round(total * 1e9)), developer=_developer(row), written=shown
        )
    if active and active > 0:
        yield Spec(
            name=name,
            quantity="active_parameters",
            value=float(round(active * 1e9)),
            developer=_developer(row),
            written=shown,
        )
    if context and context > 0:
        yield Spec(name=name, quantity="context_tokens", value=context, developer=_developer(row), written=shown)


def parse(page: Page) -> Iterator[Row]:
    document = json_of(page)
    if not isinstance(document, dict):
        raise Drifted(page.url, f"a {type(document).__name__}", expected="an object")
    if "path" in document:
        folder = str(document["path"])
        if not re.fullmatch(r"data/\d{4}-\d{2}-\d{2}", folder):
            raise Drifted(page.url, f"path {folder[:80]!r}", expected="a folder named after a day")
        yield Get(url=f"{ROOT}{folder}/llms.json")
        return
    columns(page, document, ("meta", "models"))
    rows = entries(page, document["models"], "a list of models")
    columns(page, keys_of(rows), NEEDED)
    columns(page, keys_of(_part(row, "evaluations") for row in rows), (INDEX, f"{INDEX}_is_estimated"))
    for metric in METRICS:
        yield from _scores(metric, rows)
    for row in rows:
        if not isinstance(row, FaultyEntry):
            yield from guarded(_facts(row), row)


SOURCE = Source(
    name="artificial-analysis",
    title="Artificial Analysis LLM leaderboard, daily mirror",
    kind="leaderboard",
    operator="Artificial Analysis",
    homepage="https://artificialanalysis.ai/leaderboards/models",
    licence="MIT (mirror); data (c) Artificial Analysis, attribution asked",
    attribution="Artificial Analysis (https://artificialanalysis.ai); mirror by Maicarons",
    start=(f"{ROOT}data/latest.json",),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=tuple(metric.board for metric in METRICS),
    cadence_days=7,
)
