"""Errors that are found while collecting and not by the HTTP client, each with what to do."""

from __future__ import annotations

from collectors.contract.errors import Drifted, SourceError, Unreachable
from collectors.contract.rows import Get
from collectors.contract.source import Source
from collectors.http.responses import LAST_GOOD
from warehouse.archive import ArchiveDamaged


def out_of_time(source: Source, seconds: float, pages: int) -> SourceError:
    error = Unreachable(
        source.start[0],
        f"out of time: {pages} pages in {seconds:.0f} s, and more to ask for",
        expected="fewer or faster pages",
        todo="nothing, if the night was short of time; else look at how many pages it names and how slowly they come",
        source=source.name,
    )
    error.retry = False  # it has had its time tonight
    return error


def too_many(source: Source, url: str, count: int, most: int) -> SourceError:
    return Drifted(
        url,
        f"{count} addresses named in one night",
        expected=f"at most {most}",
        todo="look at what its pages link to",
        source=source.name,
    )


def broken_connection(source: Source, get: Get, error: OSError) -> SourceError:
    """A connection that broke outside a request, while its client was being opened or closed."""
    found = f"{type(error).__name__}: {error}"
    return Unreachable(get.url, found, todo=LAST_GOOD, source=source.name)


def damaged(source: Source, get: Get, error: ArchiveDamaged) -> SourceError:
    return Unreachable(get.url, str(error), todo="delete the damaged file and run the night again", source=source.name)


def unasked(error: SourceError, address: str) -> SourceError:
    return type(error)(address, f"not asked: {error.found}", todo=error.todo, source=error.source)
