"""Writes the site: pages, charts, data; a file whose bytes are the same is not written again.

All addresses inside the site are relative and end in ``index.html``, so that it opens from a file as well as from any
static host.  It loads nothing from other hosts.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from warehouse.alerts.feed import hosted
from warehouse.explain import open_readonly
from warehouse.report import charts
from warehouse.report.document import Block, Cell, Figure, Link, Page, Table
from warehouse.report.headline import headline
from warehouse.report.markup import inline, long, table_head, table_rows
from warehouse.report.options import NO_OPTIONS, SiteOptions
from warehouse.report.pages import claims, front, method, models, rest, scopes, sources, sql
from warehouse.report.tables import Tables
from warehouse.report.text import in_words, unbroken

HOME = Path(__file__).parent

NAVIGATION = (
    Link("Overview", ""),
    Link("Boards", "boards"),
    Link("Models", "models"),
    Link("Labs", "labs"),
    Link("Claims", "claims"),
    Link("Nights", "nights"),
    Link("Method", "method"),
    Link("Data", "data"),
    Link("Sources", "sources"),
)

_LASTS = b'<p class="date">Numbers of the night of '
_DATED = re.compile(rb'<p class="date">.*?</p>|<footer><p>.*?</p>')
"""What says of a page of which night it is: the line below its heading, and how to cite it."""

PICTURED = "frontiers"
"""The chart that previews of links show, as PNG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The result of a build: the number of files, and how many of them were written."""

    folder: Path
    files: int
    written: int


def build(publication: Path, site: Path, *, earlier: Path | None = None, options: SiteOptions = NO_OPTIONS) -> Written:
    """Builds the site of a publication's folder into ``site``.

    ``earlier``: a site that was built before; unchanged files are hard links to it.
    """
    with open_readonly(publication / "gapindex.duckdb") as db:
        return write(site, contents(db, publication, options), earlier=earlier)


def contents(
    db: duckdb.DuckDBPyConnection, publication: Path, options: SiteOptions = NO_OPTIONS
) -> Iterator[tuple[str, bytes | Path]]:
    """Every file of the site: its path below the site, and its bytes or the file it is the same as."""
    tables = Tables(db)
    view = View(tables, options)
    first = front.front(tables)
    figures = [block for block in first.blocks if isinstance(block, Figure)]
    yield from view.pages(_pages(tables, first))
    for figure in figures:
        yield f"charts/{figure.name}/index.html", view.embedded(figure)
        yield f"charts/{figure.name}.svg", _alone(figure).encode()
        if figure.table is not None:
            yield f"charts/{figure.name}.csv", as_csv(figure.table).encode()
        if figure.name == PICTURED:
            yield f"charts/{figure.name}.png", charts.png(figure.drawing.wide, "light", scale=1)
    for name in ("site.css", "site.js"):
        yield name, (HOME / "static" / name).read_bytes()
    yield "compare/models.js", f"window.gapindexModels={models.compare_data(tables)};\n".encode()
    parquet = sorted((publication / "parquet").glob("*.parquet"))
    for file in parquet:
        yield f"data/{file.name}", file
    if options.engine is not None:
        yield from view.pages([sql.sql_page([file.stem for file in parquet])])
        yield "sql/sql.js", (HOME / "static" / "sql.js").read_bytes()
        for file in sorted(options.engine.iterdir()):
            yield f"sql/engine/{file.name}", file
    if (publication / "feed.xml").exists():
        feed = publication / "feed.xml"
        yield "feed.xml", hosted(feed.read_bytes(), options.url) if options.url else feed
    data = rest.data_page(
        tables, [(file.name, file.stat().st_size) for file in parquet], [(f.name, f.title) for f in figures], options
    )
    yield from view.pages([data])


def _pages(tables: Tables, first: Page) -> Iterator[Page]:
    yield first
    yield scopes.boards_page(tables)
    for scope in sorted(tables.scopes):
        if tables.scope_tonight(scope) is not None:
            yield scopes.scope_page(tables, scope)
    yield models.models_page(tables)
    for model in sorted(tables.with_page):
        yield models.model_page(tables, model)
    yield models.compare_page()
    yield models.labs_page(tables)
    for developer in sorted(tables.labs_with_page):
        yield models.lab_page(tables, developer)
    verdicts = front.claim_rows(tables)
    yield claims.claims_page(verdicts)
    for row in verdicts:
        yield claims.claim_page(tables, row)
    nights = rest.nights(tables)
    yield rest.nights_page(tables, nights)
    dates = list(nights)
    for before, night, after in zip([None, *dates], dates, [*dates[1:], None], strict=False):
        yield rest.night_page(tables, night, nights[night], before, after)
    yield sources.sources_page(tables)
    yield method.method_page(tables)


def write_pictures(publication: Path, folder: Path) -> list[Path]:
    """Writes the first page's picture as SVG and PNG, light and dark; nothing where there is no gap to draw."""
    with open_readonly(publication / "gapindex.duckdb") as db:
        tables = Tables(db)
        head = headline(tables)
        spec = front.frontier_chart(tables, head) if head is not None and head.gap is not None else None
    if spec is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    drawn = charts.svg(spec(charts.WIDE))
    for theme in charts.PALETTES:
        for file, content in (
            (folder / f"gap-{theme}.svg", charts.painted(drawn, theme).encode()),
            (folder / f"gap-{theme}.png", charts.png(drawn, theme)),
        ):
            file.write_bytes(content)
            written.append(file)
    return written


def write(site: Path, files: Iterable[tuple[str, bytes | Path]], *, earlier: Path | None = None) -> Written:
    """Puts the files where they belong, one rename each, and takes away what is no longer part of the site."""
    site.mkdir(parents=True, exist_ok=True)
    kept: set[Path] = set()
    folders = {site}
    written = 0
    for name, content in files:
        target = site / name
        assert site in target.parents  # noqa: S101 - `slug` lets no name leave its folder
        kept.add(target)
        if target.parent not in folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            folders.add(target.parent)
        if isinstance(content, Path):
            written += _share(content, target)
        elif _unchanged(target, content):
            pass
        elif earlier is not None and _unchanged(earlier / name, content):
            _share(earlier / name, target)
        else:
            _replace(target, content)
            written += 1
    for file in [file for file in site.rglob("*") if file.is_file() and file not in kept]:
        file.unlink()
    return Written(folder=site, files=len(kept), written=written)


def _unchanged(file: Path, content: bytes) -> bool:
    """Whether a file has this content; a page that lasts may be of an earlier night, which it names.

    Of a night's 850 pages some 600 differ from those of the night before in nothing but its date.
    """
    try:
        before = file.read_bytes()
    except OSError:
        return False
    return before == content or (_LASTS in content and _DATED.sub(b"", before) == _DATED.sub(b"", content))


def _share(source: Path, target: Path) -> int:
    """Makes ``target`` the same file as ``source``, or a copy where the disk cannot; 0 if it was so already."""
    if target.exists() and (target.samefile(source) or target.read_bytes() == source.read_bytes()):
        return 0
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        target.write_bytes(source.read_bytes())
    return 1


def _replace(target: Path, content: bytes) -> None:
    """Writes beside and renames: the old bytes may be shared with an earlier publication, which must not change."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(target)


def as_csv(table: Table) -> str:
    """A chart's table as CSV; a text that a spreadsheet would take for a formula is marked as text."""
    body = io.StringIO()
    writer = csv.writer(body, lineterminator="\n")
    writer.writerow([f"{c.title} ({c.note})" if c.note else c.title for c in table.columns])
    for row in table.rows:
        writer.writerow([_plain(cell) for cell in row])
    return body.getvalue()


def _plain(cell: Cell) -> str:
    text = "".join(part if isinstance(part, str) else part.text for part in cell.parts)
    return f"'{text}" if text[:1] in ("=", "+", "@", "-", "\t", "\r") else text


def _alone(figure: Figure) -> str:
    """A chart as an SVG file for ``<img>``: it follows the reader's theme by itself."""
    rules = [
        "{" + "".join(f"{charts.VARIABLES[c][4:-1]}:{colour};" for c, colour in palette.items()) + "}"
        for palette in (charts.PALETTES["light"], charts.PALETTES["dark"])
    ]
    style = (
        f":root{rules[0]}@media (prefers-color-scheme: dark){{:root{rules[1]}}}text{{font-family:system-ui,sans-serif}}"
        f".{charts.OVERLAY}{{display:none}}"
    )
    head, tail = figure.drawing.wide.split(">", 1)
    return f'{head}><style>{style}</style><rect width="100%" height="100%" fill="var(--paper)"/>{tail}'


class View:
    """Pages to HTML.  Everything is escaped but the SVG that `charts` and `steps` made."""

    def __init__(self, tables: Tables, options: SiteOptions) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HOME / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["svg"] = Markup
        self._environment.filters["unbroken"] = unbroken
        self._environment.globals |= {
            "inline": inline,
            "long": long,
            "table_head": table_head,
            "table_rows": table_rows,
        }
        self._environment.globals |= {
            "navigation": (*NAVIGATION, Link("SQL", "sql")) if options.engine else NAVIGATION,
            "night": tables.night,
            "in_words": in_words,
            "method_version": tables.method_version,
            "citation": lambda night: rest.citation(tables, options, night),
            "site": options,
            "picture": f"charts/{PICTURED}.png",
            "picture_words": "Ability of the best closed and the best open-weight model since 2023: two rising steps",
        }

    def pages(self, found: Iterable[Page]) -> Iterator[tuple[str, bytes]]:
        """Each page's file and bytes."""
        template = self._environment.get_template("page.html")
        for page in found:
            up = "../" * (page.path.count("/") + 1) if page.path else ""
            text = template.render(page=page, up=up, contents=_contents(page.blocks))
            yield (f"{page.path}/index.html" if page.path else "index.html"), text.encode()

    def embedded(self, figure: Figure) -> bytes:
        """One chart as a page of its own, to be shown in a frame."""
        return self._environment.get_template("embed.html").render(figure=figure, up="../../").encode()


def _contents(blocks: Iterable[Block]) -> list[tuple[str, str]]:
    """The headings of a long page, for its list of contents."""
    found = [(block.anchor, block.text) for block in blocks if block.kind == "heading" and block.level == 2]
    return found if len(found) > 3 else []
