"""Command `gapindex build`: builds some tables in memory, for work on their SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import duckdb

from flows.cli.options import (
    Exit,
    data_option,
    json_option,
    night_of,
    night_option,
    print_json,
    settings_of,
    stop,
)
from flows.cli.screen import err, out, plain, show_rows
from warehouse.explain import rows
from warehouse.publication import current


@click.command("build")
@click.option(
    "--select", required=True, help="Tables to show: TABLE, +TABLE (what it is made from), TABLE+ (what it makes)."
)
@night_option
@data_option
@click.option("--rows", "first", type=int, default=3, help="First rows of each table to show.")
@json_option
def build(select: str, night: str | None, data: Path | None, first: int, as_json: bool) -> None:
    """Builds some tables of a night in memory, with all they are made from, and shows them; nothing is published."""
    from collectors.registry import sources
    from warehouse import lineage
    from warehouse.build import built

    settings = settings_of(data, None)
    folder = settings.data
    store = folder / "store.duckdb"
    if not store.exists():
        stop(Exit.NOTHING_YET, f"there is no store in {folder}; run `gapindex run` first, or give --data")
    published = current(folder)
    when = night_of(night) or (published.night if published else datetime.now(UTC).date())
    needs = lineage.graph()
    try:
        chosen = lineage.selected(needs, select)
    except lineage.BadSelection as error:
        stop(Exit.USAGE, str(error))
    seconds: dict[lineage.Place, float] = {}
    shown = [place for place in lineage.in_order(needs) if place in chosen]
    found = []
    try:
        with (
            err.status(f"building {len(lineage.upstream(needs, chosen))} tables of night {when}"),
            built(
                store,
                when,
                sources(),
                bundled=settings.history,
                published=folder / "vintages",
                only=chosen,
                on_table=seconds.__setitem__,
            ) as db,
        ):
            for place in shown:
                table = ".".join(f'"{part}"' for part in place)
                (count,) = rows(db, f"select count(*) as n from {table}")  # noqa: S608 - a name of ours
                head = rows(db, f"from {table} limit $first", {"first": first})
                found.append((place, int(count["n"]), head))
    except duckdb.Error as error:
        last = ".".join([*seconds][-1]) if seconds else "none"
        stop(Exit.NOT_PUBLISHED, f"{error}\nlast table built: {last}")
    if as_json:
        print_json(
            [
                {"schema": s, "table": name, "rows": n, "seconds": round(seconds[s, name], 3), "first": head}
                for (s, name), n, head in found
            ]
        )
        return
    for (schema, name), n, head in found:
        out.print(f"[bold]{schema}.{name}[/bold]  {n} rows, {seconds[schema, name]:.2f} s", soft_wrap=True)
        if head:
            show_rows(head)
    rest = sum(seconds.values()) - sum(seconds[place] for place in shown)
    out.print(plain(f"{len(seconds) - len(shown)} tables below them took {rest:.1f} s"))
