"""The text of a source's module, from its template.

Column names are untrusted text that goes into Python code: they are written as literals, or cleaned.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from collectors.sanitize import clean_text
from flows.scaffold.guess import Guess
from flows.scaffold.tables import ENTRY, Column, Format


def rendered(name: str, url: str, form: Format, guess: Guess) -> str:
    """The module of a source called ``name`` that reads what was guessed."""
    env = Environment(  # noqa: S701 - the result is Python; what comes from the page goes through `literal` or `column_names`
        loader=PackageLoader("flows.scaffold"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters |= {"literal": literal, "column_names": _describe, "tuple": _tuple, "wrapped": _wrapped, "cell": _cell}
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
        keys="".join(f"[{literal(step)}]" for step in guess.table.steps),
        ENTRY=ENTRY,
    )


def literal(text: str) -> str:
    """A Python literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _tuple(names: Sequence[str], indent: int = 0) -> str:
    """A tuple of literals, over several lines where one would be too long."""
    items = [literal(name) for name in names]
    line = f"({', '.join(items)}{',' if len(items) == 1 else ''})"
    if len(line) + indent <= 110:
        return line
    blank = " " * indent
    return "\n".join(["(", *(f"{blank}    {item}," for item in items), f"{blank})"])


def _cell(column: Column) -> str:
    """The expression that reads a column from an object."""
    read = f"row.get({literal(column[0])})"
    for key in column[1:]:
        read = f"({read} or {{}}).get({literal(key)})"
    return read


def _describe(columns: Iterable[Column]) -> str:
    """Column names for prose: no quote, no backslash, nothing invisible, not too long, not too many."""
    names = [clean_text(re.sub(r'["\\]', "", ".".join(column)), 40).strip() or "(blank)" for column in columns]
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(" ".join(text.split()), 110, break_long_words=False, break_on_hyphens=False))
