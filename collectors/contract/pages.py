"""A page: the bytes that one address returned at one moment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collectors.contract.errors import Drifted
from collectors.sanitize import NOT_UTF8_MARK

STRAY_SHARE = 1_000
"""One byte in so many may be no UTF-8 (four on any page): the rows with such bytes are quarantined, the others read."""

_LONE = re.compile("[\ud800-\udfff]")


def page_key(url: str, sha256: str, context: str = "") -> str:
    """The digest that identifies a page and its rows: address, body and context."""
    return hashlib.sha256(f"{url}\n{sha256}\n{context}".encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The bytes that one address returned at one moment.

    ``url`` is always the live address, also when a mirror answered.  ``context`` comes from the page
    that named this address (see `Get`), so that parsing stays a function of its input.
    """

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    context: str = ""

    @property
    def sha256(self) -> str:
        """Hex digest of the body: the name of its file in the archive."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def key(self) -> str:
        """What parsing depends on besides the parser (address, body, context) as one hex digest."""
        return page_key(self.url, self.sha256, self.context)

    @property
    def text(self) -> str:
        """The body as UTF-8 (a BOM is dropped); anything else is `Drifted`, never guessed."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Drifted(
                self.url,
                f"byte {error.start} is not UTF-8",
                expected="a page in UTF-8",
                todo="look at the archived page; declare the encoding if the site changed it",
            ) from error

    @property
    def marked_text(self) -> str:
        """The body as UTF-8, with `NOT_UTF8_MARK` for each of a few bytes that are not, as a cell saved in Latin-1 has.

        For formats whose rows stand apart (JSON, YAML, CSV): their loaders put a `Fault` in the place of such a text.
        In HTML and Markdown the same byte may have been part of what says which table it is.
        """
        text, count = _LONE.subn(NOT_UTF8_MARK, self.body.decode("utf-8-sig", "surrogateescape"))
        if count > max(4, len(self.body) // STRAY_SHARE) or self.body.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.text  # raises
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPage:
    """The newest archived page of an address, without its body: enough for a conditional request.

    ``whole_nights`` is on how many nights the site served these bytes whole.  One look confirms nothing, so a page is
    asked for without a condition until there are two.
    """

    url: str
    sha256: str
    size: int
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    context: str = ""
    whole_nights: int = 2

    @property
    def key(self) -> str:
        """The key of the page itself."""
        return page_key(self.url, self.sha256, self.context)
