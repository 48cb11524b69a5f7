"""The result of one source tonight, as a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from collectors.contract.errors import Gone, SourceError
from collectors.parsing import ParsedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """The result of one source tonight, and its pages that were parsed; ``late``: its time ran out.

    ``bytes_new``: of its fresh pages; ``rows``: of its pages that were parsed.
    """

    source: str
    fresh: int
    unchanged: int
    failures: tuple[SourceError, ...]
    pages: tuple[ParsedPage, ...] = field(default=(), repr=False)
    late: bool = False
    bytes_new: int = 0
    rows: int = 0

    @property
    def outcome(self) -> str:
        """``read``, ``partly read``, or why there is no page: the outcome of its first failure."""
        if self.reached:
            return "partly read" if self.failures else "read"
        return self.failures[0].outcome if self.failures else "not asked"

    @property
    def reached(self) -> bool:
        """Whether any page of the source could be fetched tonight."""
        return self.fresh + self.unchanged > 0

    @property
    def gone(self) -> bool:
        """Whether all addresses of the source are gone: not a fault of this night, and no reason to retry."""
        return not self.reached and all(isinstance(failure, Gone) for failure in self.failures)

    @property
    def retry(self) -> bool:
        """Whether a retry later tonight can help."""
        return not self.reached and any(failure.retry for failure in self.failures)


def pages(results: Iterable[SourceResult]) -> tuple[ParsedPage, ...]:
    """Every page that was parsed, of all sources."""
    return tuple(page for result in results for page in result.pages)
