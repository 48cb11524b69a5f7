"""Stage 5, notify: sends a published run's events to every channel, one event to Prefect, a ping to the watchdog.

`warehouse.alerts.digest.plan` decides what each channel is sent; `flows.alerting` delivers it.  A run never fails
because a channel is down: failures are returned as sentences.

Only full nights ping the watchdog and emit ``gapindex.night.published``; otherwise feeds runs that go on would hide a
nightly run that is dead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flows.alerting.dispatch import dispatch, load
from flows.alerting.sending import ping
from flows.settings import Settings
from warehouse.alerts.subscriptions import NONE, BadAlerts
from warehouse.publication import Publication
from warehouse.scope import Kind, RunScope

EVENTS: dict[Kind, str] = {
    "full": "gapindex.night.published",
    "feeds": "gapindex.feeds.updated",
    "sources": "gapindex.sources.updated",
}
"""The Prefect event of a published run, by its scope."""


def notify(
    publication: Publication,
    scope: RunScope,
    settings: Settings,
    *,
    stale: Iterable[str] = (),
    prefect: bool = False,
) -> tuple[str, ...]:
    """Notifies all subscribers of a published run; returns what went wrong.  ``prefect``: inside a Prefect flow."""
    troubles: list[str] = []
    try:
        alerts = load(settings)
    except BadAlerts as error:
        alerts = NONE
        troubles.append(f"no alerts were sent: {error}; they are kept: gapindex alerts send")
    troubles += dispatch(settings.data, alerts, prefect=prefect)
    if prefect:
        troubles += _emit(EVENTS[scope.kind], publication, scope, list(stale))
    if scope.full and settings.ping_url and not ping(settings.ping_url):
        troubles.append("the watchdog at GAPINDEX_PING_URL could not be pinged; the night is published")
    return tuple(troubles)


def notify_failure(scope: RunScope, settings: Settings) -> None:
    """Reports to the watchdog that a full night was not published."""
    if scope.full and settings.ping_url:
        ping(settings.ping_url, failed=True)


def _emit(event: str, publication: Publication, scope: RunScope, stale: list[str]) -> list[str]:
    from prefect.events import emit_event

    night: date = publication.night
    payload: dict[str, Any] = {
        "night": str(night),
        "scope": scope.kind,
        "publication": publication.folder.name,
        "changed": publication.fresh,
        "sources": len(scope.sources),
        "stale": stale,
    }
    resource = {"prefect.resource.id": f"gapindex.night.{night}", "prefect.resource.name": f"gapindex {night}"}
    try:
        emit_event(event=event, resource=resource, payload=payload)
    except Exception as error:  # noqa: BLE001 - the run is published; what goes wrong now must not undo that
        return [f"Prefect could not be sent {event} ({type(error).__name__})"]
    return []
