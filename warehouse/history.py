"""The bundled history: the facts that a back-fill over the recorded web collected, in our own columns.

It ships with the package, so that a fresh install has every night of the past.  Each fact keeps its
source, address, sha256 of the page, and the night since which it is known.  The pages themselves belong
to their authors and stay in the archive they were read into.  Rows as written are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from collectors.contract.source import Source
from warehouse.build import HISTORY
from warehouse.statements import quoted

_FACTS: Mapping[str, str] = {
    "score": """select source, board, edition, name, variant, developer, value, stderr, n_items, scored_on,
                    self_reported, '' as written, url, page_key, sha256, fetched_at, known_on
                from staging.observation""",
    "access": """select source, name, developer, open, evidence, licence, repo, gated, '' as written, url, sha256,
                    known_on
                 from staging.access_statement""",
    "release": """select source, name, developer, event, happened_on, '' as written, url, sha256, known_on
                  from staging.release_seen""",
    "price": """select source, name, provider, input_usd, output_usd, valid_from, url, sha256, known_on
                from staging.price_by_source""",
    "spec": "select source, name, developer, quantity, value, url, sha256, known_on from staging.spec_seen",
    "announcement": """select lab, guid, title, link, published_on, '' as summary, source, known_on
                       from marts.announcement""",
    "accepted_table": """select source, address, board, edition, max(seen) as rows, max(updated_on) as updated_on,
                         from_night as known_on
                     from staging.accepted_table where held = '' and accepted > 0 group by all""",
    "source_seen": "select source, max(last_good_on) as known_on from marts.source_health group by source",
}


def export(db: duckdb.DuckDBPyConnection, folder: Path, sources: Mapping[str, Source]) -> dict[str, int]:
    """Writes the facts of a build as Parquet files and an attribution page; returns rows by table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    for table, query in _FACTS.items():
        columns = [column.split()[0] for column in HISTORY[table].split(",")]
        file = quoted(folder / f"{table}.parquet")
        db.execute(
            f"copy (select {', '.join(columns)} from ({query}) order by all) to '{file}'"
            " (format parquet, compression zstd, compression_level 19)"
        )
        count = db.execute(f"select count(*) from read_parquet('{file}')").fetchone()
        rows[table] = int(count[0]) if count else 0
    (folder / "ATTRIBUTION.md").write_text(_attribution(sources), "utf-8")
    return rows


def _attribution(sources: Mapping[str, Source]) -> str:
    lines = [
        "# Where the bundled facts come from",
        "",
        "Figures and dates read by gapindex's own collectors from these places; each fact carries its address and",
        "the sha256 of the page. The pages are not included. Licences are the sources' own.",
        "",
        "| source | what | licence | attribution |",
        "|---|---|---|---|",
    ]
    for source in sources.values():
        facts = (source.name, source.title, source.licence or "none stated", source.attribution or source.homepage)
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in facts) + " |")
    return "\n".join(lines) + "\n"
