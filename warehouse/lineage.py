"""Dependencies between the tables of a build: their order, selections, and the diagram in docs/lineage.md.

Tables are (schema, name).  A selection is written as in dbt: ``x`` is one table, ``+x`` with all it is made from,
``x+`` with all that is made from it, ``+x+`` with both; several stand side by side.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from warehouse import vintages
from warehouse.measures import PYTHON_MODELS
from warehouse.statements import all_statements, statements

Place = tuple[str, str]
Graph = Mapping[Place, frozenset[Place]]
"""For each table, the tables it reads."""

_BOOKKEEPING = frozenset({"sighting", "page", "tally", "excluded", "excluded_value", "quarantined"})
"""Rows about reading a page, beside the facts it states."""

_SELECTOR = re.compile(r"(?P<up>\+?)(?:(?P<schema>\w+)\.)?(?P<name>\w+)(?P<down>\+?)")


class BadSelection(ValueError):
    """A selection that names no table; the message lists the tables there are."""


def graph() -> dict[Place, frozenset[Place]]:
    """Every table a build makes, with the tables it reads; RuntimeError where a statement reads an unknown table."""
    needs = {place: one.needs for place, one in all_statements().items() if one.schema != "checks"}
    needs |= {("computed", fit.name): fit.needs for fit in PYTHON_MODELS.values()}
    needs["marts", "build_failure"] |= {("computed", name) for name in PYTHON_MODELS}
    needs |= {
        ("vintage", table): frozenset() if table in vintages.DECLARED else frozenset({("marts", table)})
        for table in vintages.KEPT
    }
    if unknown := {place for reads in needs.values() for place in reads} - needs.keys():
        raise RuntimeError(f"read, but made by no file: {', '.join(sorted('.'.join(place) for place in unknown))}")
    return needs


def in_order(needs: Graph) -> list[Place]:
    """Every table after those it reads."""
    return list(TopologicalSorter(needs).static_order())


def upstream(needs: Graph, places: Iterable[Place]) -> frozenset[Place]:
    """These tables and all they are made from, directly or not."""
    found: set[Place] = set()
    rest = list(places)
    while rest:
        place = rest.pop()
        if place not in found:
            found.add(place)
            rest += needs[place]
    return frozenset(found)


def downstream(needs: Graph, places: Iterable[Place]) -> frozenset[Place]:
    """These tables and all that is made from them, directly or not."""
    readers: dict[Place, set[Place]] = {place: set() for place in needs}
    for place, reads in needs.items():
        for read in reads:
            readers[read].add(place)
    return upstream({place: frozenset(by) for place, by in readers.items()}, places)


def selected(needs: Graph, selection: str) -> frozenset[Place]:
    """The tables that a selection such as ``+gap_index model+`` names; `BadSelection` where it names none."""
    found: set[Place] = set()
    for word in selection.replace(",", " ").split():
        match = _SELECTOR.fullmatch(word)
        if not match:
            raise BadSelection(f"{word!r} selects nothing; expected TABLE, +TABLE, TABLE+ or +TABLE+")
        place = _named(needs, match["schema"] or "", match["name"])
        found.add(place)
        if match["up"]:
            found |= upstream(needs, [place])
        if match["down"]:
            found |= downstream(needs, [place])
    if not found:
        raise BadSelection("the selection is empty; expected TABLE, +TABLE, TABLE+ or +TABLE+")
    return frozenset(found)


def _named(needs: Graph, schema: str, name: str) -> Place:
    """The table of that name; without a schema the published one goes before the intermediate one."""
    for one in [schema] if schema else ["marts", "staging", "computed", "vintage"]:
        if (one, name) in needs:
            return one, name
    near = difflib.get_close_matches(name, sorted({table for _, table in needs}), n=5)
    hint = f"near it: {', '.join(near)}" if near else "warehouse/sql has a file for each table"
    raise BadSelection(f"there is no table {schema + '.' if schema else ''}{name}; {hint}")


# --- the picture ----------------------------------------------------------------------------------


def published_reads(needs: Graph) -> dict[str, frozenset[str]]:
    """For each published table, the nearest published tables it is made from, through intermediate ones."""
    direct = {name: _through(needs, name) for schema, name in needs if schema == "marts"}
    places = {("marts", name): frozenset(("marts", read) for read in reads) for name, reads in direct.items()}
    return {
        name: frozenset(
            read
            for read in reads
            if not any(("marts", read) in upstream(places, places["marts", other]) for other in reads)
        )
        for name, reads in direct.items()
    }


def _through(needs: Graph, name: str) -> frozenset[str]:
    """The published tables that one is made from, with only intermediate ones between."""
    return frozenset(table for schema, table in _behind(needs, name) if schema == "marts")


def _behind(needs: Graph, name: str) -> frozenset[Place]:
    """The intermediate tables behind a published one, and the first published ones behind those."""
    found: set[Place] = set()
    rest = list(needs["marts", name])
    while rest:
        place = rest.pop()
        if place not in found:
            found.add(place)
            rest += needs[place] if place[0] != "marts" else ()
    return frozenset(found)


def page_rows(needs: Graph, name: str) -> frozenset[str]:
    """The kinds of rows from pages that a published table reads without another published table between."""
    shipped = all_statements()
    places = [("marts", name), *(place for place in _behind(needs, name) if place[0] != "marts")]
    read = {read for place in places if place in shipped for read in shipped[place].reads}
    kinds = frozenset(table for schema, table in read if schema == "raw")
    return kinds - _BOOKKEEPING or kinds


def picture() -> str:
    """docs/lineage.md: the published tables by subject, and which is made from which, as a Mermaid graph."""
    needs = graph()
    reads = published_reads(needs)
    subjects: dict[str, list[str]] = {}
    for one in statements("marts"):
        subjects.setdefault(one.subject, []).append(one.name)
    lines = [
        "# Lineage of the published tables",
        "",
        "An arrow leads from a table to one that is made from it, directly or through intermediate tables; an arrow",
        "that others imply is left out. A box is a folder of `warehouse/sql/`. The table below adds the kinds of rows",
        "from pages (`raw.*`, see `warehouse/schema.sql`) that are read on the way. `make lineage` writes this page.",
        "",
        "```mermaid",
        "flowchart LR",
    ]
    for subject, names in sorted(subjects.items()):
        lines += [f"  subgraph {subject}_room[{subject}]", *(f"    {name}" for name in names), "  end"]
    lines += [f"  {read} --> {name}" for name in sorted(reads) for read in sorted(reads[name])]
    lines += ["```", "", "| table | one row is | made from | rows from pages |", "|---|---|---|---|"]
    for one in statements("marts"):
        made_from, pages = (
            ", ".join(f"`{read}`" for read in sorted(names)) for names in (reads[one.name], page_rows(needs, one.name))
        )
        lines.append(f"| `{one.name}` | {_first_sentence(one.about)} | {made_from} | {pages} |")
    return "\n".join(lines) + "\n"


def _first_sentence(text: str) -> str:
    """What one row is, from the comment at the head of a file."""
    sentence = re.split(r"(?<=[.:?])\s+(?=[A-Z`])", text, maxsplit=1)[0]
    return re.sub(r"^One row(?: per|:) ", "", sentence).rstrip(".").replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(picture())
