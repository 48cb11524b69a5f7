"""From the address of a leaderboard to a source that parses: module, trimmed page and case file.

What the page shows of itself is guessed from the whole page (its format, where the rows are, which
column names the model, which are numbers) and written down as plain code that reads by name, so the
guess can be seen and mended.  What no page shows, above all what the board measures and whether it
may count, gets a value that does no harm.  Of the page only a few rows are kept: it is somebody's.
Column names are other people's text on their way into Python: they enter as literals, or cleaned.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import math
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from collectors.contract import Direction, Page, Source, SourceError
from collectors.http import Door
from collectors.read import absent, cell_text, csv_rows, day, json_of, markdown_tables, number, soup, yaml_of

Format = Literal["html", "json", "csv", "yaml", "markdown"]
Column = tuple[str, ...]
"""The keys that lead to a cell inside a row: one, except in nested objects."""

FORMATS: tuple[Format, ...] = ("html", "json", "csv", "yaml", "markdown")
_KEPT_ROWS = {"html": 4, "csv": 4, "markdown": 4, "json": 3, "yaml": 3}
CASE = "first"
EACH = "*"
ENTRY: Column = ("entry",)
"""The column that stands for the key of a row, where rows are the values of an object."""

_SUFFIX: Mapping[str, Format] = {
    "html": "html", "htm": "html", "json": "json", "csv": "csv", "yml": "yaml", "yaml": "yaml", "md": "markdown",
}  # fmt: skip
_ENDING = {"html": "html", "json": "json", "csv": "csv", "yaml": "yml", "markdown": "md"}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ATTRIBUTES = frozenset({"id", "class", "href", "colspan", "rowspan"})
_LONG_KEY = 60
_MANY = 40
_LONG = 200

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


class NotScaffolded(ValueError):
    """Nothing was written; says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows that stand together on a page; ``steps`` and ``keyed`` say where in a JSON or YAML document."""

    columns: tuple[Column, ...]
    rows: Sequence[Mapping[Column, object]]
    steps: tuple[str, ...] = ()
    keyed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Which column of a table is what, and what its values allow to say about the unit."""

    table: Table
    model: Column
    value: Column
    developer: Column | None
    others: tuple[Column, ...]
    dates: tuple[Column, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """What is to be written: texts by path, relative to the checkout, and the guess behind them."""

    name: str
    format: Format
    guess: Guess
    files: Mapping[Path, str]


async def fetch(name: str, url: str, *, user_agent: str, now: Callable[[], datetime], mirror: str = "") -> Page:
    """The page behind ``url`` through the one door, as any source would ask for it."""
    asked = Source(
        name=name,
        title=name,
        kind="metadata",
        homepage=url,
        licence="",
        start=(url,),
        hosts=frozenset({urlsplit(url).hostname or ""}),
        parse=lambda _page: (),
    )
    async with Door(user_agent=user_agent, now=now, mirror=mirror) as door:
        page = await door.fetch(asked, url)
    if page is None:
        raise NotScaffolded(f"{url} answered that nothing has changed, and we never asked before")
    return page


def check_name(name: str) -> None:
    """`NotScaffolded` unless ``name`` can be a source's name."""
    if not _NAME.fullmatch(name):
        raise NotScaffolded(f"{name!r} is no name for a source; give one like toy-bench: small letters, digits, dashes")


def scaffold(name: str, page: Page, format_: Format | None = None) -> Scaffold:
    """Module, page and case of a new source; without a format the likely ones are tried.  Raises `NotScaffolded`."""
    check_name(name)
    tried: list[str] = []
    for form in [format_] if format_ else _likely(page):
        try:
            guess = _best(_tables(page, form))
        except SourceError as error:
            tried.append(f"{form}: {error.found}")
            continue
        if guess is None:
            tried.append(f"{form}: no table with a column of names and a column of plain numbers")
            continue
        file = f"page.{_ENDING[form]}"
        case = Path("tests/fixtures", name, CASE)
        module = Path("collectors/sources", f"{name.replace('-', '_')}.py")
        return Scaffold(
            name=name,
            format=form,
            guess=guess,
            files={
                module: _module(name, page.url, form, guess),
                case / "case.toml": f"url = {_literal(page.url)}\nfile = {_literal(file)}\n",
                case / file: _trimmed(page, form, guess),
            },
        )
    raise NotScaffolded(
        f"nothing to read as a leaderboard at {page.url} ({'; '.join(tried)});"
        " if the page is drawn by a script, give the address of the data file the script loads"
    )


def write(root: Path, made: Scaffold) -> None:
    """Writes all files or none; `NotScaffolded` where one is there already."""
    if there := [path for path in made.files if (root / path).exists()]:
        raise NotScaffolded(f"{', '.join(map(str, there))} is there already; nothing was written")
    for path, text in made.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


# --- tables of a page ---------------------------------------------------------------------------


def _likely(page: Page) -> list[Format]:
    """Formats worth trying: what the address, the Content-Type and the first characters say."""
    text = page.text.lstrip()
    kind = page.headers.get("content-type", "").lower()
    found = [_SUFFIX.get(PurePosixPath(urlsplit(page.url).path).suffix.lstrip(".").lower())]
    found += [form for form in FORMATS if form in kind]
    if text.startswith(("{", "[")):
        found.append("json")
    elif text.startswith("<"):
        found.append("html")
    else:
        found += ["markdown", "html" if "<table" in text else "csv", "yaml"]
    return [form for form in dict.fromkeys(found) if form]


def _tables(page: Page, form: Format) -> Iterator[Table]:
    match form:
        case "html":
            for table in soup(page).select("table"):
                yield from _html_tables([[cell_text(c) for c in row.select("th, td")] for row in table.select("tr")])
        case "markdown":
            yield from (_flat(rows, list(rows[0])) for rows in markdown_tables(page.text) if rows)
        case "csv":
            if rows := csv_rows(page, ()):
                yield _flat(rows, next(line for line in csv.reader(io.StringIO(page.text, newline="")) if line))
        case "json":
            yield from _documents(json_of(page))
        case "yaml":
            yield from _documents(yaml_of(page))


def _html_tables(lines: Sequence[Sequence[str]]) -> Iterator[Table]:
    """The table under each line that can be its header: one of the first three, as long as most lines below."""
    for at, header in enumerate(lines[:3]):
        below = [line for line in lines[at + 1 :] if any(line)]
        usual = Counter(map(len, below)).most_common(1)
        if usual and usual[0][0] == len(header) >= 2 and max(map(len, below)) == len(header):
            yield _flat([dict(zip(header, line, strict=False)) for line in below], header)


def _flat(rows: Sequence[Mapping[str, str]], header: Sequence[str]) -> Table:
    """A table of plain cells; a column whose name stands twice cannot be read by name."""
    once = [name.strip() for name, times in Counter(header).items() if times == 1]
    return Table(columns=tuple((name,) for name in once), rows=[{(k,): v for k, v in row.items()} for row in rows])


def _documents(value: Any, steps: tuple[str, ...] = ()) -> Iterator[Table]:
    """Every list of objects, and every object of alike objects, that keys lead to; through one list at most."""
    if isinstance(value, dict):
        parts = list(value.values())
        if len(parts) > 1 and _objects(parts) and set.intersection(*map(set, parts)):
            yield _nested([_cells(row) | {ENTRY: key} for key, row in value.items()], steps, keyed=True)
        for key, part in value.items():
            if isinstance(key, str):
                yield from _documents(part, (*steps, key))
    elif isinstance(value, list) and _objects(value):
        yield _nested([_cells(row) for row in value], steps)
        for key in value[0]:
            lists = [part.get(key) for part in value]
            if all(isinstance(rows, list) and _objects(rows) for rows in lists):
                yield _nested([_cells(row) for rows in lists for row in rows or ()], (*steps, EACH, key))


def _objects(rows: Sequence[object]) -> bool:
    return bool(rows) and all(isinstance(row, dict) and row for row in rows)


def _nested(rows: Sequence[Mapping[Column, object]], steps: tuple[str, ...], *, keyed: bool = False) -> Table:
    times = Counter(column for row in rows for column in row)
    usual = tuple(column for column, count in times.items() if count * 2 >= len(rows))
    return Table(columns=usual, rows=rows, steps=steps, keyed=keyed)


def _cells(row: Mapping[str, Any]) -> dict[Column, object]:
    """The plain values of an object and of the objects in it."""
    found: dict[Column, object] = {}
    for key, value in row.items():
        if isinstance(value, dict):
            found |= {(str(key), str(k)): v for k, v in value.items() if not isinstance(v, dict | list)}
        elif not isinstance(value, list):
            found[str(key),] = value
    return found


# --- the guess ----------------------------------------------------------------------------------


def _best(tables: Iterable[Table]) -> Guess | None:
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
    dates = tuple(column for column, some in cells.items() if column not in numbers and _mostly(day, some))
    texts = [column for column in cells if cells[column] and column not in numbers and column not in dates]
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
        others=tuple(column for column in values if column != value),
        dates=dates,
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


# --- what is kept of the page -------------------------------------------------------------------


def _trimmed(page: Page, form: Format, guess: Guess) -> str:
    most = _KEPT_ROWS[form]
    match form:
        case "html":
            return _trimmed_html(page, guess, most)
        case "markdown":
            return _trimmed_markdown(page, guess, most)
        case "csv":
            return _trimmed_csv(page, most)
        case "json":
            return json.dumps(_cut(json_of(page), guess.table.steps, guess, most), ensure_ascii=False, indent=2) + "\n"
        case "yaml":
            kept = _cut(yaml_of(page), guess.table.steps, guess, most)
            return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=110)


def _trimmed_html(page: Page, guess: Guess, most: int) -> str:
    """The first table that has the columns, without what no row is read from."""
    need = {column[-1] for column in guess.needed}
    for found in soup(page).select("table"):
        table = copy.copy(found)
        lines = table.select("tr")
        for at, line in enumerate(lines):
            if need <= {cell_text(cell) for cell in line.select("th, td")}:
                for extra in [*lines[at + 1 + most :], *table.select("script, style, svg, img")]:
                    extra.decompose()
                for tag in (table, *table.select("*")):
                    tag.attrs = {k: v for k, v in tag.attrs.items() if k in _ATTRIBUTES}
                tight = re.sub(r"\s*\n\s*", "\n", str(table))
                return f"<!DOCTYPE html>\n<html><body>\n{tight}\n</body></html>\n"
    raise AssertionError("the guess came from a table of this page")


def _trimmed_markdown(page: Page, guess: Guess, most: int) -> str:
    lines = page.text.splitlines()
    for at in range(len(lines)):
        rows = next(markdown_tables("\n".join(lines[at : at + 3])), [])
        if rows and {column[-1] for column in guess.needed} <= set(rows[0]):
            table = [line for line in lines[at : at + 2 + most] if "|" in line]
            return "\n".join(table) + "\n"
    raise AssertionError("the guess came from a table of this page")


def _trimmed_csv(page: Page, most: int) -> str:
    """The header and the first rows, in the very characters of the source: its way of quoting is worth testing."""
    lines = list(io.StringIO(page.text, newline=""))
    reader = csv.reader(lines)
    kept = 0
    for row in reader:
        kept += bool(row)
        if kept > most:
            break
    return "".join(lines[: reader.line_num])


def _cut(value: Any, steps: tuple[str, ...], guess: Guess, most: int) -> Any:
    """The document with few rows where ``steps`` lead, and little of everything beside the way."""
    if not steps:
        needed = frozenset(guess.needed)
        if isinstance(value, dict):
            named = [(key, row) for key, row in value.items() if guess.reads(_cells(row) | {ENTRY: key})]
            return {key: _slim(row, needed) for key, row in named[:most]}
        return [_slim(row, needed) for row in ([row for row in value if guess.reads(_cells(row))] or value)[:most]]
    if steps[0] == EACH:
        return [_cut(part, steps[1:], guess, most) for part in value[:most]]
    slim: dict[str, Any] = _slim(value, frozenset({steps[:1]}))
    return slim | {steps[0]: _cut(value[steps[0]], steps[1:], guess, most)}


def _slim(value: Any, needed: frozenset[Column] = frozenset()) -> Any:
    """A value with short lists, short texts, and of a large object only what is needed and a few more."""
    if isinstance(value, list):
        return [_slim(item) for item in value[:3]]
    if isinstance(value, dict):
        wanted = {column[0] for column in needed}
        few = set(value) if len(value) <= _MANY else {*list(value)[:3], *wanted}
        inner = {key: frozenset(c[1:] for c in needed if c[0] == key and len(c) > 1) for key in few}
        return {key: _slim(item, inner[key]) for key, item in value.items() if key in few}
    return value[:_LONG] if isinstance(value, str) else value


# --- the module ---------------------------------------------------------------------------------


def _module(name: str, url: str, form: Format, guess: Guess) -> str:
    env = Environment(  # noqa: S701 - the result is Python; what comes from the page goes through `literal` or `said`
        loader=PackageLoader("flows"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters |= {"literal": _literal, "said": _said, "tuple": _tuple, "wrapped": _wrapped, "cell": _cell}
    steps = guess.table.steps
    way = steps.index(EACH) if EACH in steps else -1
    return env.get_template("source.py.jinja").render(
        name=name,
        title=name.replace("-", " ").capitalize(),
        url=url,
        host=urlsplit(url).hostname,
        format=form,
        guess=guess,
        table=guess.table,
        need=list(dict.fromkeys(column[0] for column in guess.needed)),
        loader={"json": "json_of(page)", "yaml": "yaml_of(page)"}.get(form, ""),
        before=_keys(steps[:way]) if way >= 0 else None,
        after=_keys(steps[way + 1 :]),
        ENTRY=ENTRY,
    )


def _keys(steps: Iterable[str]) -> str:
    return "".join(f"[{_literal(step)}]" for step in steps)


def _literal(text: str) -> str:
    """A Python literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _tuple(names: Sequence[str], indent: int = 0) -> str:
    """A tuple of literals, over several lines where one would be too long."""
    items = [_literal(name) for name in names]
    line = f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if len(line) + indent <= 110:
        return line
    blank = " " * indent
    return "\n".join(["(", *(f"{blank}    {item}," for item in items), f"{blank})"])


def _cell(column: Column) -> str:
    """The expression that reads a column from an object."""
    read = f"row.get({_literal(column[0])})"
    for key in column[1:]:
        read = f"({read} or {{}}).get({_literal(key)})"
    return read


def _said(columns: Iterable[Column]) -> str:
    """Column names for prose: no quote, no backslash, nothing unprintable, not too long, not too many."""
    clean = ("".join(c for c in ".".join(column) if c.isprintable() and c not in '"\\') for column in columns)
    names = [name.strip()[:40] or "(blank)" for name in clean]
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), 110, break_long_words=False, break_on_hyphens=False))
