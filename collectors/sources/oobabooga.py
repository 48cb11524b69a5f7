"""oobabooga's benchmark: 48 private multiple-choice questions, asked of models that run at home.

Nearly all rows are quantised open weights, the same model many times over: the quantisation at the
end of a file's name, the loader and the options are the variant.  The score is a fraction as text
(``46/48``).  Some reasoning models answer in full text instead of by the probability of the next
token, "breaking the rules" as their note says: another way of asking, another edition.  For a day in
May 2024 ruled lines stood between the scores, as rows of one cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Row, Tally
from collectors.contract.source import Board, Source
from collectors.entries import guarded
from collectors.read.cells import written
from collectors.read.faults import columns
from collectors.read.markup import cell_text, soup, table_row

BOARD = Board(
    name="oobabooga",
    title="oobabooga benchmark",
    domain="knowledge and factuality",
    measures="Share of 48 private multiple-choice questions answered correctly by a model run locally.",
    unit="fraction",
    low=0,
    high=1,
    n_items=48,
    counts_for_index=False,
    why_not="quantised open weights alone: no closed side",
    min_rows=10,
)
QUANTISED = re.compile(
    r"(.+?)[-._]((?:i1-|UD-)?I?Q\d\w*|B?F(?:P)?(?:16|32)|exl[23][-_][\d.]+b(?:pw)?(?:_H\d)?|[\d.]+bpw-h\d-exl2"
    r"|AWQ|GPTQ|AQLM\S*)(?:-HF)?",
    re.IGNORECASE,
)


def parse(page: Page) -> Iterator[Row]:
    table = soup(page).select_one("table")
    lines = table.select("tr") if table else []
    if not lines:
        raise Drifted(page.url, "no table", expected="one table of scores")
    header = [cell_text(cell) for cell in lines[0].select("th")]
    columns(page, header, ("Score", "Model", "Loader"))
    notes = next((name for name in header if name.startswith("Additional")), header[-1])
    cells = [line.select("td") for line in lines[1:]]
    rows = [table_row(header, row) for row in cells if not (row and row[0].has_attr("colspan"))]
    editions = ["full response" if "full response" in row.get(notes, "") else "logits" for row in rows]
    for edition in sorted(set(editions)):
        yield Tally(board=BOARD.name, edition=edition, rows=editions.count(edition))
    for row, edition in zip(rows, editions, strict=True):
        yield from guarded(_score(row, edition, row[notes]), row, board=BOARD.name, edition=edition)


def _score(texts: dict[str, str], edition: str, note: str) -> Iterator[Row]:
    split = QUANTISED.fullmatch(texts["Model"])
    options = re.sub(r"\[link\]|- Breaking the rules.*", "", note).strip()
    part = re.fullmatch(rf"(\d+)\s*/\s*({BOARD.n_items})", texts["Score"])
    yield BOARD.score(
        edition=edition,
        name=split[1] if split else texts["Model"],
        variant=", ".join(filter(None, (split[2] if split else "", texts["Loader"], options))),
        value=int(part[1]) / int(part[2]) if part else None,
        n_items=int(part[2]) if part else None,
        written=written(texts),
    )


SOURCE = Source(
    name="oobabooga",
    title="oobabooga benchmark",
    kind="leaderboard",
    operator="oobabooga",
    homepage="https://oobabooga.github.io/benchmark.html",
    licence="none stated",
    attribution="oobabooga",
    start=("https://oobabooga.github.io/benchmark.html",),
    hosts=frozenset({"oobabooga.github.io"}),
    parse=parse,
    boards=(BOARD,),
    cadence_days=30,
)
