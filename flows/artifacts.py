"""Artifacts on Prefect's page of a run: the headline and what moved, the sources, a link to the site.

Artifacts are a view of the publication.  Where Prefect refuses one, the night is still published, and logged.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from prefect.artifacts import acreate_link_artifact, acreate_markdown_artifact, acreate_table_artifact

from flows.night import Night
from flows.settings import Settings
from warehouse.explain import open_readonly
from warehouse.report.summary import QUIET, Summary, age, summary
from warehouse.report.tables import Tables

NIGHT_KEY, SOURCES_KEY, SITE_KEY = "gapindex-night", "gapindex-sources", "gapindex-site"

LISTED = 12
"""Lines of a list in the Markdown; Prefect's page shows an artifact in a narrow column."""

_MARKUP = re.compile(r"([\\`*_\[\]<>#!|~&$])")
_LEADING = re.compile(r"^(\s*(?:\d+)?)([-+.)=])")


def of(result: Night) -> Summary:
    """The summary of a night that was just published."""
    with open_readonly(result.publication.database) as db:
        return summary(Tables(db))


async def leave(result: Night, summary: Summary, settings: Settings) -> None:
    """Creates the three artifacts of a night in the current flow run; raises what Prefect raises."""
    site = site_address(result, settings)
    await acreate_markdown_artifact(
        key=NIGHT_KEY, markdown=markdown(summary, result, site), description=f"What was found, night {summary.night}"
    )
    await acreate_table_artifact(
        key=SOURCES_KEY, table=table(summary), description=f"Every source, night {summary.night}"
    )
    await acreate_link_artifact(
        key=SITE_KEY,
        link=site,
        link_text=f"Report of {summary.night}",
        description=f"The report site, night {summary.night}",
    )


def site_address(result: Night, settings: Settings) -> str:
    """The address of the site: GAPINDEX_SITE_URL, else the file on the machine that ran the night."""
    if settings.site_url:
        return f"{settings.site_url}/"
    return (_published(result) / "site" / "index.html").as_uri()


def _published(result: Night) -> Path:
    return result.publication.folder.parent.parent / "published"


def markdown(summary: Summary, result: Night, site: str) -> str:
    """The night as Markdown; names from outside are escaped, so that they stay text."""
    counted = ", ".join(f"{count} {_text(outcome)}" for outcome, count in summary.outcomes.items())
    seconds = ", ".join(f"{step} {value:.0f} s" for step, value in result.seconds.items())
    quarantine = _published(result) / "quarantine" / f"{summary.night}.html"
    held = f"{site}sources/index.html" if site.endswith("/") else quarantine.as_uri()
    lines = [
        f"**{_text(summary.sentence)}**",
        "",
        f"[Report]({site}){_by_command(site)}",
        "",
        f"[Held back tonight: {summary.held}, warned of: {summary.warned}]({held})",
        "",
        "## What moved",
        "",
        *_list(
            summary.moved, f"Nothing since the night of {summary.before}." if summary.before else "No earlier night."
        ),
        "",
        "## News",
        "",
        *_list(summary.news, "None."),
        "",
        "## Sources",
        "",
        f"{counted}.",
        "",
        f"Run {_text(summary.run_id)}: {seconds}.",
    ]
    return "\n".join(lines) + "\n"


def _by_command(site: str) -> str:
    """How a report on the disk is opened: a browser follows no link from a server's page to a file."""
    return " (`gapindex report --open` where the night ran)" if site.startswith("file:") else ""


def table(summary: Summary) -> list[dict[str, Any]]:
    """The health of every source: those in trouble first, those read whole last.

    Prefect's page shows a cell in one line and 40 letters of the fourth column, so what was found is its first clause;
    the site and `gapindex sources` have all of it.
    """
    ranked = sorted(summary.sources, key=lambda one: (one.outcome in QUIET, one.outcome == "read", one.source))
    return [
        {
            "source": one.source,
            "outcome": one.outcome,
            "newest page": age(one, summary.night),
            "found": one.found.removeprefix(f"{one.source}: ").partition(";")[0],
            "kind": one.kind,
        }
        for one in ranked
    ]


def _list(lines: tuple[str, ...], empty: str) -> list[str]:
    more = [f"- and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return [f"- {_text(line)}" for line in lines[:LISTED]] + more if lines else [empty]


def _text(text: str) -> str:
    """Text that CommonMark shows unchanged; addresses in it are broken, because a viewer may link bare ones."""
    calm = (
        " ".join(text.split())
        .replace("://", ": //")
        .replace("www.", "www .")
        .replace("@", "\N{FULLWIDTH COMMERCIAL AT}")
    )
    return _LEADING.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", calm))
