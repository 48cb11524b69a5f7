"""What goes wrong with a source: one class for each outcome, with the address, what was found and what to do."""

from __future__ import annotations

from collectors.sanitize import MAX_URL, visible

MAX_FOUND = 1_000
"""What an error says was found may quote the page."""


class SourceError(Exception):
    """Something about one source went wrong; the message states where, what was found and what to do.

    ``retry``: whether asking again tonight can help.  There is one subclass for each outcome, so that a caller can
    handle each kind by its class.
    """

    outcome = "failed"
    retry = False

    def __init__(self, url: str, found: str, *, expected: str = "", todo: str = "", source: str = "") -> None:
        self.url = url
        self.found = visible(found, MAX_FOUND)
        self.expected = expected
        self.todo = todo
        self.source = source
        super().__init__(url, found)

    def __str__(self) -> str:
        parts = [f"{self.source or 'source'}: {self.found}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        parts.append(f"at {visible(self.url, MAX_URL)}")
        if self.todo:
            parts.append(f"what to do: {self.todo}")
        return "; ".join(parts)


class Unreachable(SourceError):
    """No whole answer: connection, DNS, time-out, 5xx, cut body.  Worth another try.

    ``wait`` is how many seconds the site asked us to wait, None where it named no time.  ``late``: the site could not
    be reached at all or in time, so its other addresses will fail in the same way.
    """

    outcome = "unreachable"
    retry = True
    wait: float | None = None
    late = False


class Blocked(SourceError):
    """The site refuses us: bot wall, 401/403/451, robots.txt, or a rate limit with too long a wait."""

    outcome = "blocked"


class Gone(SourceError):
    """The address answers 404/410 or points to a host the source does not own."""

    outcome = "gone"


class Drifted(SourceError):
    """The page came, but its shape or columns are not those the parser expects, or it is empty."""

    outcome = "drifted"


class Hostile(SourceError):
    """The answer broke a safety limit: size, decompression, nesting, redirect target."""

    outcome = "hostile"
