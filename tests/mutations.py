"""What real lists have done to one of their rows, in one place: the next report of a bad row is one line more here.

A `Mutation` is a value put in the place of a field, or something done to a whole row.  `documents` gives every
fixture page as rows that can be mutated, whatever its format; `losses` says what each mutation costs.  Run as a
program it prints, per source, the rows that were lost besides the one that was mutated.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Tag

from collectors.contract.errors import SourceError
from collectors.contract.pages import Page
from collectors.contract.rows import Access, Excluded, Get, Price, Release, Row, Spec, Tally
from collectors.parsing import read_page
from collectors.read.documents import js_literal
from collectors.registry import sources

FIXTURES = Path(__file__).resolve().parent / "fixtures"

# --- the list -----------------------------------------------------------------------------------

STRAY = "a byte that is not UTF-8"
"""Not written in Markdown, HTML and JavaScript, of which such a byte costs the page."""

VALUES = {
    "null": "null",
    "another type: a text": '"to be announced"',
    "another type: a number": "17",
    "another type: a truth value": "true",
    "another type: an object": '{"value": 1}',
    "an empty list inside": "[]",
    "a list inside": '["a", 1, null]',
    "NaN": "NaN",
    "an infinity": "-Infinity",
    "out of range: huge": "1e300",
    "out of range: negative": "-12345678901",
    "out of range: 400 digits": "9" * 401,
    "a new enum value": '"a kind never seen before"',
    "an empty text": '""',
    "a control character": '"a\\u0000b"',
    "half a surrogate pair": '"a\\ud83d"',
    STRAY: '"a\uf8ffb"',
    "a line separator": '"a\u2028b"',
}
"""What stands in the place of one field, as JSON; other formats write it in their own way."""

STRAY_BYTE = ("\uf8ff".encode(), b"\xe9")
"""A character of `VALUES` that no page has, and the byte of Latin-1 that is written in its place."""

ABSENT, TWICE = "absent", "twice"
OF_FIELDS = (*VALUES, ABSENT, TWICE)

OTHER_KINDS = {
    "a row of another kind: a text": '"Scores below are self-reported"',
    "a row of another kind: null": "null",
    "a row of another kind: a number": "3",
    "a row of another kind: a list": '["GPT-9", 99]',
    "a row of another kind: an empty object": "{}",
    "a row of another kind: other keys": '{"advertisement": "Try our product", "href": "https://example.org"}',
}
CELLS = ("a cell too many at the end", "a cell too many in front", "a cell too few", "a row of one cell")
OF_ROWS = (*OTHER_KINDS, *CELLS)
MUTATIONS = (*OF_ROWS, *OF_FIELDS)

KEYSTONES = {
    "arena-catalog": "two retired models tell by which statistics an unnamed file was made, and one its zero",
    "arena-csv": "the rating of one retired model tells on which scale all others are",
    "arena-matrix": "a line is a date, and each tells whether the scale of those after it is another",
    "bfcl": "of two rows with one name and two scores neither is believed",
    "epoch-runs": "the folder is read for the sake of one file of runs",
    "feed-bytedance-seed-blog": "a feed of one post and of another that has no title yet",
    "hf-trending": "a list of one model and of a data set",
    "mathvista": "the header of an HTML table is a row of it",
}
"""Sources of which a row tells what others mean, so that a page without it is refused or says something else."""

# --- pages as rows ------------------------------------------------------------------------------

ROWS = {
    "arena-catalog": ("full.*", "coding.*", "*"),
    "arena-daily": ("models.*",),
    "artificial-analysis": ("models.*",),
    "genai-prices": ("*.models.*",),
    "gso": ("models.*",),
    "hf-trending": ("recentlyTrending.*", "*"),
    "mmmu": ("leaderboardData.*",),
    "models-dev-api": ("*.models.*",),
    "official-qwen-research": ("*.*", "*.*.*"),
    "openrouter-models": ("data.*",),
    "simonw-llm-prices": ("models.*",),
    "swe-bench": ("leaderboards.*.results.*",),
    "tau-bench": ("submissions.*", "legacy_submissions.*"),
} | {name: ("incidents.*",) for name in sources() if name.startswith("status-")}
"""Where in a source's JSON its rows stand; everywhere else they are the members of the document itself."""

MOST_FIELDS, MOST_ROWS = 8, 2
"""Fields of a row, evenly spread, and rows of a page, the first and the last, that are mutated in every way: all of
them would take a quarter of an hour.  Any other row and field is for the drawn mutations."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A page whose rows can be mutated: ``rows`` are their fields, ``write`` gives the page with one changed.

    ``write(row, field, mutation)`` is None where the mutation cannot be written in this format; without a mutation
    the row is left out.
    """

    case: Path
    rows: tuple[tuple[str, ...], ...]
    write: Callable[[int, str, str], bytes | None]

    @property
    def source(self) -> str:
        return self.case.parent.name

    def read(self, body: bytes) -> tuple[Row, ...]:
        """The rows of a page in the place of this one."""
        return read_page(
            sources()[self.source], dataclasses.replace(page_of(self.case), body=body.replace(*STRAY_BYTE))
        )


@cache
def page_of(case: Path) -> Page:
    facts = tomllib.loads((case / "case.toml").read_text("utf-8"))
    return Page(
        url=facts["url"],
        body=(case / facts["file"]).read_bytes(),
        fetched_at=datetime(2026, 6, 14, tzinfo=UTC),
        context=facts.get("context", ""),
    )


def documents(source: str = "") -> Iterator[Document]:
    """Every fixture page that has rows."""
    for toml in sorted(FIXTURES.glob(f"{source or '*'}/*/case.toml")):
        case = toml.parent
        kind = tomllib.loads(toml.read_text("utf-8"))["file"].rsplit(".", 1)[-1]
        text = page_of(case).body.decode("utf-8-sig")
        made = {
            "json": _json,
            "jsonl": _json_lines,
            "js": _script,
            "csv": _csv,
            "md": _markdown,
            "html": _html,
            "xml": _feed,
            "yaml": _yaml,
            "yml": _yaml,
        }[kind](case, text)
        if made is not None and made.rows:
            yield made


def _spread(found: list[Any], count: int) -> list[Any]:
    return found if len(found) <= count else [found[n * (len(found) - 1) // (count - 1)] for n in range(count)]


# --- JSON, JSON lines, JavaScript, YAML -----------------------------------------------------------

Place = tuple[Any, Any]
MARK = "@the mutated value@"


def _json(case: Path, text: str, before: str = "", pattern: tuple[str, ...] = ()) -> Document | None:
    def places() -> tuple[Any, list[Place]]:
        """A fresh copy of the document and its rows, each as (container, key)."""
        top = json.loads(text)
        for path in pattern or ROWS.get(case.parent.name, ("*",)):
            found = list(_places(top, path.split(".")))
            if found:
                return top, found
        return top, []

    _, found = places()

    def write(at: int, field: str, mutation: str) -> bytes | None:
        top, rows = places()
        container, key = rows[at]
        if not mutation:
            del container[key]
            return (before + json.dumps(top)).encode()
        if mutation in OTHER_KINDS:
            container[key] = MARK
            raw = OTHER_KINDS[mutation]
        elif mutation in CELLS:
            return None
        else:
            holder = container[key]
            *way, last = json.loads(field)
            for step in way:
                holder = holder[step]
            raw = VALUES.get(mutation, "")
            if mutation == ABSENT:
                del holder[last]
            elif mutation == TWICE:
                raw = f'{json.dumps(holder[last])}, {json.dumps(last)}: "another value"'
                holder[last] = MARK
            else:
                holder[last] = MARK
        return (before + json.dumps(top).replace(json.dumps(MARK), raw)).encode()

    return Document(case, tuple(tuple(_fields(c[k])) for c, k in found), write) if found else None


def _places(value: Any, path: list[str]) -> Iterator[Place]:
    """The containers and keys a path leads to; a row is an object."""
    step, *rest = path
    keys = [*range(len(value))] if isinstance(value, list) else [*value] if isinstance(value, dict) else []
    for key in keys:
        if step not in ("*", key):
            continue
        if rest:
            yield from _places(value[key], rest)
        elif isinstance(value[key], dict):
            yield value, key


def _fields(row: dict[str, Any], way: tuple[str, ...] = ()) -> Iterator[str]:
    for key, value in row.items():
        yield json.dumps([*way, key])
        if isinstance(value, dict) and len(way) < 2:
            yield from _fields(value, (*way, key))


def _json_lines(case: Path, text: str) -> Document | None:
    lines = text.splitlines()

    def write(at: int, field: str, mutation: str) -> bytes | None:
        inner = _json(case, f"[{lines[at]}]", pattern=("*",))
        assert inner is not None
        changed = inner.write(0, field, mutation)
        if changed is None:
            return None
        line = [changed.decode()[1:-1]] if mutation else []
        return "\n".join([*lines[:at], *line, *lines[at + 1 :], ""]).encode()

    return Document(case, tuple(tuple(_fields(json.loads(line))) for line in lines), write)


def _script(case: Path, text: str) -> Document | None:
    before, equals, literal = text.partition("=")
    inner = _json(case, json.dumps(js_literal(page_of(case), literal)), before + equals, ("*",))
    if inner is None:
        return None
    return dataclasses.replace(
        inner, write=lambda at, field, what: None if what == STRAY else inner.write(at, field, what)
    )


def _yaml(case: Path, text: str) -> Document | None:
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if re.match(r"\s*- \w+:", line)]
    ends = [*starts[1:], len(lines)]
    field_at = [
        {m[1]: at for at in range(s, e) if (m := re.match(r"\s*(?:- )?(\w+):", lines[at]))}
        for s, e in zip(starts, ends, strict=True)
    ]

    def write(at: int, field: str, mutation: str) -> bytes | None:
        start, end = starts[at], ends[at]
        row = lines[start:end]
        if not mutation:
            row = []
        elif mutation in OTHER_KINDS:
            row = [f"{lines[start].partition('-')[0]}- {OTHER_KINDS[mutation]}"]
        elif mutation in CELLS:
            return None
        else:
            n = field_at[at][field] - start
            head = row[n].partition(":")[0]
            if mutation == ABSENT:
                row[n] = f"{head[: len(head) - len(field)]}unknown_{field}: 1"
            elif mutation == TWICE:
                row.insert(n + 1, f"{' ' * (len(head) - len(field))}{field}: another value")
            else:
                row[n] = f"{head}: {VALUES[mutation]}"
        return "\n".join([*lines[:start], *row, *lines[end:], ""]).encode("utf-8", "surrogatepass")

    return Document(case, tuple(tuple(found) for found in field_at), write)


# --- tables -------------------------------------------------------------------------------------


def _cells(cells: list[str], at: int, mutation: str) -> list[str] | None:
    """A row of cells after a mutation; None where it cannot be written."""
    match mutation:
        case "a cell too many at the end":
            return [*cells, "Aug 2026"]
        case "a cell too many in front":
            return ["Aug 2026", *cells]
        case "a cell too few" | "absent":
            return cells[:at] + cells[at + 1 :]
        case "a row of one cell" | "a row of another kind: a text":
            return ["Scores below are self-reported"]
        case "twice":
            return cells[: at + 1] + cells[at:]
        case _ if mutation in VALUES:
            value = json.loads(VALUES[mutation]) if "NaN" not in mutation else "NaN"
            text = "" if value is None else value if isinstance(value, str) else VALUES[mutation]
            return [*cells[:at], text.encode("utf-8", "replace").decode().replace("\0", "\x01"), *cells[at + 1 :]]
    return None


def _csv(case: Path, text: str) -> Document | None:
    lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
    header = [str(at) for at in range(len(lines[0]))]

    def write(at: int, field: str, mutation: str) -> bytes | None:
        changed = _cells(lines[at + 1], int(field or len(lines[0]) - 1), mutation) if mutation else []
        if changed is None:
            return None
        out = io.StringIO(newline="")
        csv.writer(out).writerows([*lines[: at + 1], *([changed] if changed else []), *lines[at + 2 :]])
        return out.getvalue().encode()

    return Document(case, (tuple(header),) * (len(lines) - 1), write)


def _markdown(case: Path, text: str) -> Document | None:
    lines = text.splitlines()
    seen = False
    found: list[int] = []
    for at, line in enumerate(lines):
        if re.fullmatch(r"[|:\-\s]+", line) and "-" in line and "|" in line:
            seen = True
        elif "|" not in line:
            seen = False
        elif seen and line.startswith("|"):
            found.append(at)
    split = [re.split(r"(?<!\\)\|", lines[at].strip().strip("|")) for at in found]

    def write(at: int, field: str, mutation: str) -> bytes | None:
        changed = _cells(split[at], int(field or len(split[at]) - 1), mutation) if mutation else []
        if changed is None or mutation == STRAY:
            return None
        line = ["|" + "|".join(cell.replace("\n", " ") for cell in changed) + "|"] if changed else []
        return "\n".join([*lines[: found[at]], *line, *lines[found[at] + 1 :], ""]).encode()

    return Document(case, tuple(tuple(map(str, range(len(cells)))) for cells in split), write)


def _html(case: Path, text: str) -> Document | None:
    def rows() -> tuple[BeautifulSoup, list[Tag]]:
        tree = BeautifulSoup(text, "html.parser")
        lines = [line for line in tree.select("tr") if line.select("td")]
        return tree, lines or tree.select("main a[href], article a[href], body a[href]")

    _, found = rows()
    tables = any(row.name == "tr" for row in found)

    def write(at: int, field: str, mutation: str) -> bytes | None:
        tree, lines = rows()
        line = lines[at]
        if not mutation:
            line.decompose()
        elif mutation == STRAY:
            return None
        elif not tables:
            # A card of a news page: what may go wrong with its link.
            if mutation == ABSENT:
                del line["href"]
            elif mutation in VALUES:
                line[field] = VALUES[mutation].strip('"')
            else:
                return None
        else:
            cells = line.select("td")
            changed = _cells(["@"] * len(cells), int(field or len(cells) - 1), mutation)
            if changed is None:
                return None
            kept = iter(cells)
            copies = [next(kept, None) if cell == "@" else cell for cell in changed]
            if len(changed) < len(cells) and mutation in (ABSENT, "a cell too few"):
                copies = [cell for n, cell in enumerate(cells) if n != int(field or len(cells) - 1)]
            elif mutation in VALUES:
                copies = [changed[n] if n == int(field) else cell for n, cell in enumerate(cells)]
            line.clear()
            for copy in copies:
                if isinstance(copy, Tag):
                    line.append(copy)
                else:
                    cell = tree.new_tag("td")
                    cell.string = copy or ""
                    line.append(cell)
        return str(tree).encode("utf-8", "replace")

    fields = tuple(tuple(map(str, range(len(r.select("td"))))) if tables else ("href",) for r in found)
    return Document(case, fields, write) if found else None


def _feed(case: Path, text: str) -> Document | None:
    items = list(re.finditer(r"<(item|entry)[\s>].*?</\1>", text, re.DOTALL))
    tag = r"<([\w:]+)((?:\s[^>]*)?)>(.*?)</\1>"
    fields = [tuple(dict.fromkeys(m[1] for m in re.finditer(tag, item[0][6:], re.DOTALL))) for item in items]

    def write(at: int, field: str, mutation: str) -> bytes | None:
        item = items[at]
        changed = item[0]
        if not mutation:
            changed = ""
        elif mutation in OTHER_KINDS:
            changed = f"<{item[1]}>{OTHER_KINDS[mutation]}</{item[1]}>"
        elif mutation in CELLS:
            return None
        else:
            whole = re.search(rf"<{field}(?:\s[^>]*)?>.*?</{field}>", changed, re.DOTALL)
            assert whole is not None
            value = VALUES.get(mutation, "").strip('"').replace("\\u0000", "\x01").replace("\\ud83d", "&nbsp;")
            into = {ABSENT: "", TWICE: whole[0] + whole[0]}.get(mutation, f"<{field}>{value}</{field}>")
            changed = changed.replace(whole[0], into)
        return (text[: item.start()] + changed + text[item.end() :]).encode()

    return Document(case, tuple(fields), write)


# --- what a mutation costs ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What one mutation of one row did: the other rows that were lost or changed, and why the page was refused."""

    source: str
    case: str
    row: int
    field: str
    mutation: str
    others: int
    lost: tuple[str, ...]
    refused: str = ""


def losses(document: Document) -> Iterator[Loss]:
    """What each mutation costs, on a few rows and fields of a page."""
    for at in _spread([*range(len(document.rows))], MOST_ROWS):
        fields = _spread([*document.rows[at]], MOST_FIELDS)
        for field, mutation in [("", m) for m in OF_ROWS] + [(f, m) for f in fields for m in OF_FIELDS]:
            if (loss := cost(document, at, field, mutation)) is not None:
                yield loss


def cost(document: Document, at: int, field: str, mutation: str) -> Loss | None:
    """What one mutation costs; None where it cannot be written, or where the row is a keystone."""
    others = _others(document, at)
    body = None if others is None or (mutation in OF_FIELDS and not field) else document.write(at, field, mutation)
    if others is None or body is None:
        return None
    refused = ""
    rows: tuple[Row, ...] = ()
    try:
        rows = document.read(body)
    except SourceError as error:
        refused = str(error)
    lost = [row for row in (others - _identities(rows)) if row[0] != "Quarantined"]
    return Loss(
        source=document.source,
        case=document.case.name,
        row=at,
        field=field,
        mutation=mutation,
        others=sum(others.values()),
        lost=tuple(map(str, lost)),
        refused=refused,
    )


def keystones(document: Document) -> list[int]:
    """The rows without which the page is refused, or says something else of other rows."""
    return [at for at in range(len(document.rows)) if _others(document, at) is None]


@cache
def _others(document: Document, at: int) -> Counter[tuple[Any, ...]] | None:
    """What the page says of all rows but one; None where that is another story without it (a keystone)."""
    whole = document.read(page_of(document.case).body)
    body = document.write(at, "", "")
    assert body is not None
    try:
        rest = document.read(body)
    except SourceError:
        return None if len(document.rows) > 1 else Counter()
    base = _identities(whole)
    known = {_key(row) for row in rest}
    own = Counter(_values(row) for row in whole if not isinstance(row, Tally) and _key(row) not in known)
    names = {row.name for row in whole if _values(row) in own and hasattr(row, "name")}
    facts = {
        _values(row): getattr(row, "name", None) for row in whole if isinstance(row, Access | Release | Spec | Price)
    }
    others = Counter({row: n for row, n in (base - own).items() if facts.get(row) not in names or not names})
    if {key for key in known if key[0] == "Score"} - {_key(row) for row in whole}:
        return None  # others are on another edition without it
    if any(isinstance(row, Excluded) and row.rule == "repeated row" and _key(row) not in known for row in whole):
        return None  # another row is its copy
    return others


_PROSE = ("written", "value", "developer", "licence", "stderr", "n_items", "found", "expected", "field")


def _values(row: Row) -> tuple[Any, ...]:
    if isinstance(row, Get):
        return ("Get", row.url)
    return (type(row).__name__, *(getattr(row, f.name) for f in dataclasses.fields(row) if f.name != "written"))


def _key(row: Row) -> tuple[Any, ...]:
    """What a row is about, without what it says."""
    if isinstance(row, Get):
        return ("Get", row.url)
    return (
        type(row).__name__,
        *(getattr(row, f.name) for f in dataclasses.fields(row) if f.name not in _PROSE),
    )


def _identities(rows: tuple[Row, ...]) -> Counter[tuple[Any, ...]]:
    return Counter(_values(row) for row in rows if not isinstance(row, Tally))


# --- as a program -------------------------------------------------------------------------------


def worst(document: Document) -> dict[str, tuple[int, int]]:
    """By mutation: the most other rows one such mutation cost, and how many there were."""
    found: dict[str, tuple[int, int]] = {}
    for loss in losses(document):
        found[loss.mutation] = max(found.get(loss.mutation, (0, 0)), (len(loss.lost), loss.others))
    return found


def main() -> None:
    """Prints, per source and mutation, the most other rows lost (of how many), and the sums."""
    table: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for document in documents():
        try:
            for mutation, cost in worst(document).items():
                table[document.source][mutation] = max(table[document.source].get(mutation, (0, 0)), cost)
        except Exception as error:  # noqa: BLE001 - an older state of the code may end in any way
            sys.stderr.write(f"{document.source} {document.case.name}: {type(error).__name__}: {error}\n")
    json.dump(table, sys.stdout)


if __name__ == "__main__":
    main()
