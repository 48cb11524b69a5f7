"""What the operator decides about the site: its public address, and the SQL engine its pages may load."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """``url``: the public address of the site, without a slash at its end; empty where it is not known.

    ``engine``: the folder of the files of DuckDB-Wasm; None leaves the page for SQL out.
    """

    url: str = ""
    engine: Path | None = None

    def address(self, path: str = "") -> str:
        """The absolute address of a path below the site; empty where the site's own is not known."""
        return f"{self.url.rstrip('/')}/{path}" if self.url else ""


NO_OPTIONS = SiteOptions()
"""A site whose address is not known, without a page for SQL."""
