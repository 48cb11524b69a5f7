"""Curation of names: lists unresolved names, and adds a reviewed line to ``alias.csv``.

The seeds are files of the package, reviewed in diffs.  A line is added only where it is new and consistent with the
other seeds, and at its place: the file is sorted by model, name and source.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

import duckdb

from collectors.sanitize import name_fault
from warehouse.explain import rows
from warehouse.identity import Resolver, seeds

NOBODY = "none"
"""As the model of a line: the name is deliberately left unresolved (people, ensembles, ambiguous names)."""

_COLUMNS = seeds.ALIAS_COLUMNS

_UNRESOLVED = """
    with held as (
        select scope, edition, open_score, closed_score
        from gap_index
        where tier = 'any' and night = (select max(night) from gap_index)
    ),
    listed as (
        select s.source, s.name, s.board, b.counts_for_index,
            case b.better when 'higher' then s.value else -s.value end as signed,
            case b.better when 'higher' then least(h.open_score, h.closed_score)
                else -greatest(h.open_score, h.closed_score) end as weaker
        from score s
        join benchmark b using (board)
        left join held h on h.scope = s.board and h.edition = s.edition
        where not s.self_reported
    ),
    blocked as (
        select
            source, name,
            count(distinct board) filter (where counts_for_index) as boards,
            count(*) filter (where counts_for_index) as rows,
            count(distinct board) filter (where counts_for_index and signed > weaker) as would_lead,
            string_agg(distinct board, ', ' order by board) as on_boards
        from listed
        group by source, name
    )
    select
        a.name, a.source, a.candidates,
        coalesce(b.boards, 0)::integer as boards,
        coalesce(b.rows, 0)::integer as rows,
        coalesce(b.would_lead, 0)::integer as would_lead,
        coalesce(b.on_boards, '') as on_boards
    from model_alias a
    left join blocked b using (source, name)
    where a.layer = 'unresolved'
    order by would_lead desc, rows desc, boards desc, a.name, a.source
"""


class NotAccepted(ValueError):
    """A line that cannot be added; the message states why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """A name no rule knows, and what it blocks.

    ``boards`` and ``rows`` are those that count for the index.  ``would_lead``: on how many of these boards it is above
    the weaker of the two leaders, so that a gap may be wrong without it.  ``reviewed``: why it is left unresolved.
    """

    name: str
    source: str
    candidates: tuple[str, ...]
    boards: int
    rows: int
    would_lead: int
    on_boards: tuple[str, ...]
    reviewed: str


def unresolved(db: duckdb.DuckDBPyConnection, aliases: Sequence[seeds.Alias]) -> list[Unresolved]:
    """Every unresolved name of a publication, the most harmful first."""
    left = {(alias.name, alias.source): alias.reason for alias in aliases if not alias.model}
    return [
        Unresolved(
            name=row["name"],
            source=row["source"],
            candidates=_parts(row["candidates"]),
            boards=row["boards"],
            rows=row["rows"],
            would_lead=row["would_lead"],
            on_boards=_parts(row["on_boards"]),
            reviewed=left.get((row["name"], row["source"])) or left.get((row["name"], ""), ""),
        )
        for row in rows(db, _UNRESOLVED)
    ]


def alias_file() -> Path:
    """``alias.csv`` of a checkout that may be written; an installed copy would lose the line with its next release."""
    file = Path(str(files(seeds.PACKAGE).joinpath("seeds", "alias.csv")))
    if not (file.parents[2] / "pyproject.toml").is_file():
        raise NotAccepted(
            f"the seeds in {file.parent} are an installed copy, which its next version replaces; "
            "run this in a checkout of the project (make install), or add the line there by hand"
        )
    if not os.access(file, os.W_OK):
        raise NotAccepted(f"{file} cannot be written; change its permissions or use another checkout")
    return file


def with_alias(
    text: str,
    alias: seeds.Alias,
    models: Sequence[seeds.Model],
    developers: Sequence[seeds.Developer],
) -> str:
    """The text of ``alias.csv`` with one more line in its place, or `NotAccepted`."""
    aliases = _read(text)
    _check(alias, aliases, {model.slug for model in models})
    before = Resolver(models, aliases, developers).resolve(alias.name, alias.source)
    if before.model and (before.model, before.variant) == (alias.model, alias.variant):
        raise NotAccepted(f"{alias.name!r} is read as {before.model} already ({before.layer}); no line is needed")
    if before.model:
        before_text = f"{before.model} {before.variant}".strip()
        raise NotAccepted(
            f"{alias.name!r} is read as {before_text!r} by {before.layer}; "
            "if that is wrong, a rule or another line is: mend it in warehouse/identity or warehouse/seeds"
        )
    aliases.append(alias)
    try:
        after = Resolver(models, aliases, developers).resolve(alias.name, alias.source)
    except ValueError as clash:
        raise NotAccepted(f"this line contradicts the seeds: {clash}") from clash
    if after.model != alias.model:
        raise NotAccepted(f"{alias.name!r} would still be read as {after.model or 'nobody'}")
    return _written(sorted(aliases, key=lambda a: (a.model, a.name, a.source)))


def accept(file: Path, alias: seeds.Alias) -> None:
    """Adds a line to ``alias.csv``, whole or not at all."""
    text = with_alias(file.read_text("utf-8"), alias, seeds.models(), seeds.developers())
    aside = file.with_name(f".{file.name}-aside")
    aside.write_text(text, "utf-8", newline="")
    aside.chmod(file.stat().st_mode)
    aside.replace(file)


def _check(alias: seeds.Alias, aliases: Sequence[seeds.Alias], models: set[str]) -> None:
    """The faults of a line, in itself and together with the existing lines."""
    for column in _COLUMNS:
        cell = getattr(alias, column)
        if cell != cell.strip() or "\n" in cell or "\r" in cell:
            raise NotAccepted(f"the {column} {cell!r} has spaces round it or several lines")
    if fault := name_fault(alias.name):
        raise NotAccepted(f"{alias.name!r} cannot be a name: {fault}")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", alias.known_on):
        raise NotAccepted(f"known_on is {alias.known_on!r}, not a day such as 2026-06-14")
    if not alias.reason:
        raise NotAccepted("a reason is needed: how do we know? (--reason)")
    if alias.model and alias.model not in models:
        near = get_close_matches(alias.model, sorted(models), n=5, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}?" if near else "add it to warehouse/seeds/model.csv first"
        raise NotAccepted(f"there is no model {alias.model!r}; {hint}")
    if not alias.model and alias.variant:
        raise NotAccepted("a name that is left unresolved has no variant")
    for line in aliases:
        if (line.name, line.source) == (alias.name, alias.source):
            meaning = f"{line.model or 'deliberately nobody'} ({line.reason})"
            raise NotAccepted(f"{alias.name!r} has its line in alias.csv already: {meaning}; change that line by hand")


def _read(text: str) -> list[seeds.Alias]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        raise NotAccepted(f"alias.csv has the columns {reader.fieldnames}, not {', '.join(_COLUMNS)}")
    return [seeds.Alias(**{column: row[column] or "" for column in _COLUMNS}) for row in reader]


def _written(aliases: Sequence[seeds.Alias]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([getattr(alias, column) for column in _COLUMNS] for alias in aliases)
    return out.getvalue()


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(", ") if part)
