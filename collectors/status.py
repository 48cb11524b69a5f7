"""Shared by the providers' status sources: one recorder's JSON of incidents, one `Incident` per component hit.

The recorder reads each status page daily and keeps earlier incidents.  ``scrape_success`` false means that
tonight's page could not be read: the incidents kept from earlier days are still valid, but a file without any
incident is `Drifted`.  ``resolved_at`` is null while an incident lasts, and for ever where the status page never
states its end (DeepSeek, Cohere), so a missing end is not a lasting outage.  Times are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.contract.errors import Drifted
from collectors.contract.pages import Page
from collectors.contract.rows import Incident, Row
from collectors.contract.source import Source
from collectors.entries import RowFault, entries, guarded, text
from collectors.read.documents import json_of
from collectors.read.faults import columns

HOST = "raw.githubusercontent.com"
RECORDER = "b3ngriffiths/ai-status-leaderboard"
NEEDED = ("id", "title", "opened_at", "raw_severity")
MAX_TITLE = 300


def status(name: str, provider: str, file: str, *, homepage: str) -> Source:
    """A source that reads the incidents of one provider."""

    def parse(page: Page) -> Iterator[Row]:
        top = json_of(page)
        incidents = top.get("incidents") if isinstance(top, dict) else None
        if not isinstance(incidents, list):
            raise Drifted(page.url, "no list of incidents", expected='{"incidents": [...]}')
        if not incidents:
            how = "read" if top.get("scrape_success") else "could not read"
            raise Drifted(page.url, f"no incident: the recorder {how} the status page", expected="incidents")
        for incident in entries(page, incidents, '{"incidents": [{"id": ...}, ...]}'):
            yield from guarded(_incident(page, provider, incident), incident)

    return Source(
        name=name,
        title=f"{provider} status",
        kind="status",
        homepage=homepage,
        licence="none stated",
        attribution=f"{provider}; recorded by {RECORDER}",
        start=(f"https://{HOST}/{RECORDER}/main/site/data/incidents/{file}.json",),
        hosts=frozenset({HOST}),
        parse=parse,
    )


def _incident(page: Page, provider: str, incident: Mapping[str, Any]) -> Iterator[Row]:
    columns(page, incident, NEEDED)
    title, component = text(incident, "title"), text(incident, "component_name")
    guid = text(incident, "id")
    if not guid:
        raise RowFault("id", "nothing", "the id of an incident")
    yield Incident(
        provider=provider,
        title=(f"{title} ({component})" if component else title)[:MAX_TITLE],
        impact=text(incident, "raw_severity"),
        started_at=_utc(incident["opened_at"]),
        ended_at=_utc(incident["resolved_at"]) if incident.get("resolved_at") else None,
        guid=guid,
    )


def _utc(moment: str) -> datetime:
    read = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
