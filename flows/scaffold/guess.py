"""Which table of a page is the leaderboard, which of its columns names the model, and which is the score."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collectors.contract.source import Direction
from collectors.read.cells import absent, day, number
from flows.scaffold.tables import Column, Table

_LONG_KEY = 60
_MODEL = frozenset({"model", "models", "llm", "llms"})
_NAMED = frozenset({"name", "system", "agent", "method", "submission", "entry", "id"})
_DEVELOPER = frozenset({"organization", "organisation", "org", "developer", "creator", "company", "lab", "vendor"})
_OVERALL = frozenset({"overall", "average", "avg", "mean", "total", "all"})
_SCORE = frozenset(
    {"score", "acc", "accuracy", "elo", "rating", "resolved", "solved", "pass", "success", "correct", "rate", "%"}
)
_NO_SCORE = frozenset(
    {"rank", "#", "cost", "costs", "price", "prices", "usd", "$", "time", "latency", "seconds", "duration", "speed"}
    | {"tokens", "token", "params", "parameters", "size", "votes", "battles", "date", "year", "id", "no", "n"}
    | {"ci", "std", "stderr", "stdev", "margin", "count", "samples", "context", "version"}
    | {"tests", "tasks", "cases", "items", "questions", "words", "length"}
)
_LOWER = frozenset({"error", "errors", "hallucination", "hallucinations", "loss", "perplexity", "wer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """The columns of a table by role, and the unit as far as the values show it."""

    table: Table
    model: Column
    value: Column
    developer: Column | None
    unit: Literal["%", "fraction", "rating", "points"]
    low: int
    high: int
    better: Direction
    certainty: int

    @property
    def needed(self) -> tuple[Column, ...]:
        """The columns the module reads, each once."""
        return tuple(dict.fromkeys(column for column in (self.model, self.value, self.developer) if column))

    def reads(self, row: Mapping[Column, object]) -> bool:
        """Whether a row has a name and a number."""
        return not absent(row.get(self.model)) and number(row.get(self.value)) is not None

    @property
    def read(self) -> list[tuple[str, float | None]]:
        """Name and value of every row, as the module will read them."""
        return [(str(row.get(self.model) or "").strip(), number(row.get(self.value))) for row in self.table.rows]


def best(tables: Iterable[Table]) -> Guess | None:
    """The guess that is surest by its column names, then the one with most rows, then the first."""
    guesses = [guess for table in tables if (guess := _guess(table))]
    return max(guesses, key=lambda guess: (guess.certainty, len(guess.table.rows)), default=None)


def _guess(table: Table) -> Guess | None:
    cells = {
        column: [cell for row in table.rows if not absent(cell := row.get(column))]
        for column in table.columns
        if all(len(key) <= _LONG_KEY and number(key) is None for key in column)
    }
    numbers = {column: found for column, some in cells.items() if (found := _numbers(some))}
    texts = [column for column, some in cells.items() if some and column not in numbers and not _mostly(day, some)]
    values = {column: rank for column in numbers if (rank := _value_rank(column, numbers[column])) is not None}
    models = {column: rank for column in texts if (rank := _model_rank(column, cells[column])) is not None}
    if not values or not models:
        return None
    model, value = min(models, key=models.__getitem__), min(values, key=values.__getitem__)
    unit, low, high = _unit(value, numbers[value])
    return Guess(
        table=table,
        model=model,
        value=value,
        developer=next(filter(_developer, (column for column in texts if column != model)), None),
        unit=unit,
        low=low,
        high=high,
        better="lower" if _words(value) & _LOWER else "higher",
        certainty=-models[model] - values[value],
    )


def _mostly(reading: Callable[[object], object | None], cells: Sequence[object]) -> bool:
    return sum(reading(cell) is not None for cell in cells) * 3 > len(cells) * 2


def _numbers(cells: Sequence[object]) -> list[float]:
    return [value for cell in cells if (value := number(cell)) is not None] if _mostly(number, cells) else []


def _words(column: Column) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+|[#%$]", re.sub(r"([a-z])([A-Z])", r"\1 \2", column[-1]).lower()))


def _model_rank(column: Column, cells: Sequence[object]) -> int | None:
    """0 for the surest name of the models' column; None where the cells cannot be names."""
    if not all(isinstance(cell, str) for cell in cells) or _mostly(_link, cells):
        return None
    words = _words(column)
    if words & _MODEL and not words & _DEVELOPER:
        return 0 if len(words) == 1 or "name" in words else 1
    if words & _NAMED:
        return 2
    return 4 if len(set(cells)) * 5 > len(cells) * 4 and not words & _DEVELOPER else None


def _developer(column: Column) -> bool:
    return bool(_words(column) & _DEVELOPER) and not _words(column) & {"url", "link", "logo"}


def _link(cell: object) -> object | None:
    return re.match(r"https?://", str(cell))


def _value_rank(column: Column, values: Sequence[float]) -> int | None:
    """0 for the surest name of the score's column; None for ranks, prices, counts and the like."""
    words = _words(column)
    if words & _NO_SCORE or list(values) == [float(n) for n in range(1, len(values) + 1)]:
        return None
    return 2 - bool(words & _OVERALL) - bool(words & _SCORE) + (len(column) > 1)


def _unit(column: Column, values: Sequence[float]) -> tuple[Literal["%", "fraction", "rating", "points"], int, int]:
    """A unit with bounds that hold all values of the page and leave room."""
    if min(values) >= 0 and max(values) <= 1 and any(value % 1 for value in values):
        return "fraction", 0, 1
    if min(values) >= 0 and max(values) <= 100:
        return "%", 0, 100
    if _words(column) & {"elo", "rating"} and 500 < max(values) < 5000:
        return "rating", 0, 5000
    bound = 10 ** math.ceil(math.log10(max(map(abs, values)) + 1))
    return "points", (-bound if min(values) < 0 else 0), bound
