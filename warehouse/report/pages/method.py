"""The method in plain words: what the numbers mean, how they are computed, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.report.document import Block, Heading, Inline, Link, Page, Paragraph, Points, Strong
from warehouse.report.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading, its points and its paragraphs, in this order."""

    title: str
    anchor: str
    points: tuple[tuple[Inline, ...], ...] = ()
    texts: tuple[str, ...]


LEAD = (
    "gapindex reads public leaderboards, registries, price lists and announcements every night, keeps every page it"
    " read, and computes how far the best open-weight model is behind the best closed one."
)

SECTIONS = (
    Section(
        title="Open and closed",
        anchor="openness",
        texts=(
            "Open-weight means: anyone can download the weights. Some licences restrict what may be done with them; the"
            " tier T1 counts only unrestricted licences and is published beside the headline.",
            "A closed model counts from the day its API opened, an open one from the day its weights were out. A model"
            " whose openness is not known counts on neither side.",
        ),
    ),
    Section(
        title="Ability",
        anchor="ability",
        texts=(
            "No single board decides. A statistical model (a two-parameter logistic, as in school testing) places every"
            " model on one scale from all the boards it was scored on. Two models fix the scale: Claude 3.5 Sonnet is"
            " 130 and GPT-5 is 150. One point more is always more able; ten points are about as much as lay between"
            " GPT-4o and o1.",
        ),
    ),
    Section(
        title="One question, three honest answers",
        anchor="answers",
        points=(
            (
                Strong("Lag: "),
                "how old, among closed models, is what open models can do tonight. It grows by a day a day and falls"
                " when an open model moves the frontier.",
            ),
            (
                Strong("Time to match: "),
                "how long each closed record stood until an open model reached it. Records that still stand are counted"
                " as such, never left out.",
            ),
            (Strong("Gap: "), "how many points lie between the best of each side."),
        ),
        texts=("The three need not move together, so each says which it is and names the others.",),
    ),
    Section(
        title="How sure",
        anchor="uncertainty",
        texts=(
            "A range in brackets is a 90 % interval: if the boards had been drawn anew, nine of ten such ranges would"
            " hold the true value. It comes from resampling whole boards, so that a single odd board widens it.",
            "A gap smaller than what the boards can show is called below resolution, which is not the same as parity.",
            "Parity is a test: the open model is, with confidence, not worse by more than a stated margin. A match asks"
            " only for the same score; a lead asks for a better one with confidence.",
        ),
    ),
    Section(
        title="Nights",
        anchor="nights",
        texts=(
            "Charts show the past as it is known tonight, because scores come late and are corrected. What was"
            " published on each night is kept unchanged as a vintage and has its own page.",
        ),
    ),
    Section(
        title="Is it narrowing?",
        anchor="trend",
        texts=(
            "The test was fixed before looking: does the time to match get shorter with each year in which the closed"
            " model was released, in two statistical families, with at least 15 matched records from at least 8 open"
            " releases, and whichever record is left out? Until then the answer is: undecided.",
        ),
    ),
    Section(
        title="Evidence",
        anchor="evidence",
        texts=(
            "Each score links to the page it was read from, with the time and the sha256 of the bytes. What looks"
            " wrong (half a table, a silent change of scale, a label that turned) is held back until a person or a"
            " second source agrees.",
        ),
    ),
)


def method_page(tables: Tables) -> Page:
    """What the numbers mean, in plain words."""
    version: tuple[Inline, ...] = (
        f"Method version {tables.method_version}. ",
        Link("Sources", "sources"),
        ", ",
        Link("data", "data"),
        ".",
    )
    sections = [block for section in SECTIONS for block in _blocks(section)]
    return Page(
        path="method",
        title="The method in plain words",
        description="What the gap index measures, how, and how sure it is.",
        blocks=(Paragraph(parts=(LEAD,), role="lead"), *sections, Paragraph(parts=version)),
        section="method",
    )


def _blocks(section: Section) -> list[Block]:
    points: list[Block] = [Points(items=section.points)] if section.points else []
    return [
        Heading(text=section.title, anchor=section.anchor),
        *points,
        *(Paragraph(parts=(text,)) for text in section.texts),
    ]
