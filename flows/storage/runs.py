"""The second place of the archive before and after a run; its failure costs a sentence, never the night."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flows.settings import Settings
from warehouse.archive import ArchiveDamaged


def take_in(settings: Settings, progress: Callable[[str], None] = lambda _text: None) -> tuple[str, ...]:
    """Takes in what the second place has more of; what went wrong, empty where nothing did."""
    return _synced(settings, "taken in from", progress)


def send(settings: Settings, progress: Callable[[str], None] = lambda _text: None) -> tuple[str, ...]:
    """Sends what the second place lacks; what went wrong, empty where nothing did."""
    return _synced(settings, "sent to", progress)


def _synced(
    settings: Settings, way: Literal["taken in from", "sent to"], progress: Callable[[str], None]
) -> tuple[str, ...]:
    if not settings.archive:
        return ()
    from flows.storage.archive import pull, push  # the library of storage, which few runs need
    from flows.storage.objects import Objects, StorageFailed

    try:
        done = (push if way == "sent to" else pull)(settings.data / "archive", Objects(settings.archive))
    except (StorageFailed, ArchiveDamaged) as error:
        return (f"archive: {error}",)
    if done.objects:
        progress(f"archive: {done.objects} objects, {done.bytes / 1e6:.1f} MB {way} {settings.archive}")
    return ()
