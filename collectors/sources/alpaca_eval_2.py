"""AlpacaEval 2: 805 chat prompts, answers compared with GPT-4-Turbo's by GPT-4-Turbo as judge.

The length-controlled win rate came in March 2024 and is the board since then; the plain win rate,
which long answers inflate, is another board.  The first column, the model's name, has no header.

Not every row is a model's plain answer:
- ``NullModel`` gives one constant text that talks the judge into 86.5; ``gpt4_gamed`` is the authors'
  own attack.  Besides the name, the shape gives such an entry away: it wins nearly always, yet the
  judge is never sure, so that whole wins exceed win probability by 7 points (no honest entry: 3).
- ``mode`` is ``dev`` where the prompt asks for short or long answers, ``minimal`` and ``verified``
  where the maintainers ran the model, ``community`` where its authors sent in the answers; many of
  these are small models trained on this kind of judge, so they are self-reported here.
- Best-of-N, re-rankers, correctors and mixtures answer with several samples or models.
- The table began (2024-01-03) as a trial on 64, then 256 prompts.

The reference model itself stands at 50 by construction, with a standard error of 0 that says nothing
about it; it is a model all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.pages import Page
from collectors.contract.rows import Excluded, Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import number, whole_number, written
from collectors.read.tables import csv_rows

EDITION = "gpt4-turbo-judge"
QUESTIONS = 805
FEWEST_QUESTIONS = 790
UNSURE_WINS = 5.0

LENGTH_CONTROLLED = Board(
    name="alpaca-eval-2",
    title="AlpacaEval 2 (length-controlled)",
    domain="chat preference",
    measures="How often a model judge prefers the answers to GPT-4-Turbo's on 805 prompts, corrected for length.",
    unit="%",
    low=0,
    high=100,
    n_items=QUESTIONS,
    min_rows=10,
)
PLAIN = Board(
    name="alpaca-eval-2-win-rate",
    title="AlpacaEval 2 (plain win rate)",
    domain="chat preference",
    measures="How often a model judge prefers the answers to GPT-4-Turbo's on 805 prompts.",
    unit="%",
    low=0,
    high=100,
    n_items=QUESTIONS,
    min_rows=10,
    counts_for_index=False,
    why_not="Longer answers win by their length alone; the length-controlled win rate replaced it.",
)
COLUMNS = {LENGTH_CONTROLLED: ("length_controlled_winrate", "lc_standard_error"), PLAIN: ("win_rate", "standard_error")}

_ADVERSARIAL = re.compile(r"null[-_ ]?model|gamed", re.IGNORECASE)
_SEVERAL = re.compile(r"best-of-\d|num-beams-\d|^pairrm-|^aligner-|moa\b|moa[-_]|^toa$|-coe-", re.IGNORECASE)


def rule(row: dict[str, str]) -> str:
    """The named rule that leaves a row out, or the empty string."""
    name = row[""]
    questions, whole, sure = number(row["n_total"]), number(row["discrete_win_rate"]), number(row["win_rate"])
    if questions is not None and questions < FEWEST_QUESTIONS:
        return "trial run on few questions"
    if _ADVERSARIAL.search(name) or (whole is not None and sure is not None and whole - sure > UNSURE_WINS):
        return "adversarial entry"
    if row["mode"] == "dev":
        return "prompt variant"
    if _SEVERAL.search(name):
        return "several samples or models in one answer"
    return ""


def _judged(row: dict[str, str]) -> bool:
    """Whether all that a rule goes by can be read: a row that no rule could leave out is not believed."""
    return None not in (number(row["n_total"]), number(row["discrete_win_rate"]), number(row["win_rate"]))


def parse(page: Page) -> Iterator[Row]:
    rows = csv_rows(page, ["", "win_rate", "standard_error", "discrete_win_rate", "n_total", "mode"])
    for board, (column, error) in COLUMNS.items():
        if not rows or column not in rows[0]:
            continue
        yield Tally(board=board.name, edition=EDITION, rows=len(rows))
        for row in rows:
            yield from guarded(_score(board, column, error, row), row, board=board.name, edition=EDITION)


def _score(board: Board, column: str, error: str, row: dict[str, str]) -> Iterator[Row]:
    if why := rule(row):
        yield Excluded(board=board.name, edition=EDITION, name=row[""], rule=why)
        return
    yield board.score(
        edition=EDITION,
        name=row[""],
        value=number(row[column]) if _judged(row) else None,
        written=written(row, "", column, error, "n_total", "mode", "avg_length"),
        stderr=number(row.get(error)) or None,
        n_items=whole_number(row["n_total"]) or None,
        self_reported=row["mode"] == "community",
    )


SOURCE = Source(
    name="alpaca-eval-2",
    title="AlpacaEval 2 leaderboard",
    kind="leaderboard",
    operator="Tatsu Lab",
    homepage="https://tatsu-lab.github.io/alpaca_eval/",
    licence="Apache-2.0",
    attribution="AlpacaEval, Tatsu Lab and contributors",
    start=(
        "https://raw.githubusercontent.com/tatsu-lab/alpaca_eval/main/src/alpaca_eval/leaderboards/"
        "data_AlpacaEval_2/weighted_alpaca_eval_gpt4_turbo_leaderboard.csv",
    ),
    hosts=frozenset({"raw.githubusercontent.com"}),
    parse=parse,
    boards=tuple(COLUMNS),
    cadence_days=90,
)
