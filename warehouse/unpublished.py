"""What stood in the way when a night was not published: ``DATA/not-published.json``, gone with the next publication.

What failed and which pages came since the last publication are kept, so that `gapindex doctor` can name them the next
morning, and an operator can `gapindex exclude` the page that caused it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import duckdb

from warehouse.explain import open_readonly
from warehouse.statements import quoted

FILE = "not-published.json"
MOST = 5
"""Pages and failures named at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """A page that the last publication did not know: how many scores it states, and its sha256."""

    source: str
    url: str
    sha256: str
    scores: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """A night of which nothing was published: what failed, and the pages that came since the last publication."""

    night: date
    failures: tuple[str, ...]
    pages: tuple[NewPage, ...] = ()
    more: int = 0

    def sentences(self) -> list[str]:
        """What stands in the way and what to do, a line each."""
        lines = [f"in the way: {failure[:500]}" for failure in self.failures[:MOST]]
        lines += [
            f"new since the last publication: {page.source}, page {page.sha256[:12]} ({page.scores} scores), {page.url}"
            for page in self.pages
        ]
        lines += [f"and {self.more} more new pages"] if self.more else []
        example = f"gapindex exclude {self.pages[0].sha256[:12]}" if self.pages else "gapindex exclude SOURCE"
        lines.append(f'what to do: `{example} --reason "..."` throws one out (a row: BOARD --row NAME); then run again')
        return lines


def record(data: Path, night: date, failures: list[str], *, published: date | None) -> Unpublished:
    """Writes down why a night was not published; ``published`` is the night of the publication that stays."""
    pages = _new_pages(data / "store.duckdb", night, published)
    found = Unpublished(
        night=night, failures=tuple(failures[:MOST]), pages=tuple(pages[:MOST]), more=max(0, len(pages) - MOST)
    )
    aside = data / f".{FILE}"
    aside.write_text(json.dumps(asdict(found), default=str, ensure_ascii=False), "utf-8")
    aside.replace(data / FILE)
    return found


def clear(data: Path) -> None:
    """Nothing stands in the way any more."""
    (data / FILE).unlink(missing_ok=True)


def read(data: Path) -> Unpublished | None:
    """The night that was not published and why; None where the last run was published, or the note is damaged."""
    try:
        fields = json.loads((data / FILE).read_text("utf-8"))
        return Unpublished(
            night=date.fromisoformat(fields["night"]),
            failures=tuple(str(one) for one in fields["failures"]),
            pages=tuple(NewPage(**one) for one in fields["pages"]),
            more=int(fields["more"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def failed_parts(database: Path) -> list[str]:
    """What a publication lacks because it could not be computed: part, subject and error of each."""
    try:
        with open_readonly(database) as db:
            found = db.execute("select part, subject, error from build_failure order by all").fetchall()
    except duckdb.Error:
        return []
    return [f"{part} of {subject}: {error}" for part, subject, error in found]


def _new_pages(store: Path, night: date, published: date | None) -> list[NewPage]:
    """Pages first shown after the last publication, those with most scores first; none where the store is closed."""
    try:
        with duckdb.connect(":memory:") as db:
            db.execute(f"attach '{quoted(store)}' as store (read_only)")
            found = db.execute(
                """select f.source, any_value(f.url), f.sha256,
                       (select count(*) from store.raw.score s where s.source = f.source and s.page_key = f.page_key)
                   from store.raw.fetch_result f
                   join store.raw.page p on p.source = f.source and p.page_key = f.page_key and p.outcome = 'read'
                   where f.night <= $night
                   group by f.source, f.page_key, f.sha256
                   having min(f.night) > coalesce($published, date '0001-01-01') or min(f.night) = $night
                   order by 4 desc, 1, 3""",
                {"night": night, "published": published},
            ).fetchall()
    except duckdb.Error:
        return []
    return [NewPage(source=source, url=url, sha256=sha, scores=scores) for source, url, sha, scores in found]
