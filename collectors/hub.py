"""The Hugging Face Hub's listings: huggingface_hub reads and pages them, our own HTTP client sends the requests.

The library alone has no read time-out (a hanging listing still hung after 45 s), sleeps for as long as Retry-After
asks, sends a User-Agent that is not ours, sends a saved token unasked, and requests ``/api/agent-harnesses`` on its
first call.  So it gets a client whose transport opens no connection.  A request for a listing goes to ``fetch``, under
the limits, retries and quotas of all sources; every other request is refused.  This module adds only what the library's
paging needs: a cursor or a page that comes again ends the listing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

import httpx2
from huggingface_hub import HfApi, close_session, set_client_factory
from huggingface_hub.errors import HfHubHTTPError

from collectors.contract.errors import Drifted, Hostile, SourceError
from collectors.contract.pages import CachedPage, Page

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ExpandModelProperty_T

LIVE = "https://huggingface.co"
SOURCE = "hub-models"
MAX_PAGES = 20
"""Pages of one listing, far above what the newest repositories of an organisation fill."""

Fetch = Callable[[str, CachedPage | None], Page | None]
"""Fetches a live address: its page, or None where the archived page is still current; raises `SourceError`."""

_TURN = threading.Lock()
"""The library has one client per process, so one organisation is listed at a time."""


def list_organisation(
    address: str, *, fetch: Fetch, last: Callable[[str], Page | None], newest: int = 200
) -> Iterator[tuple[Page, bool]]:
    """The listing pages of one organisation, newest repositories first, each with whether it is fresh.

    ``address`` is a live listing address (author, sort, expand); pages are fetched until ``newest``
    repositories have come.  ``last`` gives the archived page of an address; the request is then
    conditional, and where the Hub answers "not modified" that page is returned with False.  All pages
    received are yielded before an error is raised.  An organisation that never listed anything yields nothing.
    """
    asked = parse_qs(urlsplit(address).query)
    if not address.startswith(f"{LIVE}/api/models?") or not asked.get("author"):
        raise ValueError(f"not the address of an organisation's listing: {address}")
    count = 0
    failed: SourceError | None = None
    with _TURN:
        transport = _Transport(fetch=fetch, last=last)
        set_client_factory(lambda: httpx2.Client(transport=transport, trust_env=False))
        try:
            for _ in HfApi(endpoint=LIVE, token=False).list_models(
                author=asked["author"][0],
                sort="created_at",
                limit=newest,
                expand=cast("list[ExpandModelProperty_T]", asked.get("expand", [])),
                token=False,
            ):
                count += 1
        except SourceError as error:
            failed = error
        except (HfHubHTTPError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            failed = Drifted(
                address,
                f"huggingface_hub cannot read the listing: {type(error).__name__}: {str(error)[:200]}",
                expected="a JSON array of repositories",
                todo="look at the archived page; upgrade huggingface_hub if the Hub changed its answers",
            )
        finally:
            close_session()
            set_client_factory(_plain_client)
    if failed is None and count == 0:
        before = last(transport.pages[0][0].url) if transport.pages else None
        if before is None:
            return
        failed = Drifted(
            address,
            "an organisation that had repositories lists none",
            expected="at least one repository",
            todo="see whether it was renamed on the Hub and change its name in collectors/sources/hub_models.py",
        )
        transport.pages.clear()
    yield from transport.pages
    if failed is not None:
        failed.source = SOURCE
        raise failed


def _plain_client() -> httpx2.Client:
    """The client for other users of the library in this process, after this call."""
    return httpx2.Client(timeout=60.0, follow_redirects=True)


@dataclass(slots=True, kw_only=True)
class _Transport(httpx2.BaseTransport):
    """Answers the library during one call with the pages ``fetch`` gets; keeps each of them."""

    fetch: Fetch
    last: Callable[[str], Page | None]
    pages: list[tuple[Page, bool]] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = _listing_address(request)
        if any(page.url == url for page, _ in self.pages):
            raise _leads_nowhere(url, "its next page is one that was read already")
        if len(self.pages) >= MAX_PAGES:
            raise _leads_nowhere(url, f"it has more than {MAX_PAGES} pages")
        known = self.last(url)
        answer = self.fetch(url, _held(known) if known else None)
        page = answer or known
        if page is None:
            raise Hostile(url, "nothing came, and nothing is held", expected="a page")
        if any(page.sha256 == other.sha256 for other, _ in self.pages):
            raise _leads_nowhere(url, "it repeats an earlier page")
        self.pages.append((page, answer is not None))
        headers = {"content-type": "application/json"}
        if link := page.headers.get("link"):
            headers["link"] = link
        return httpx2.Response(200, headers=headers, content=page.body, request=request)


def _listing_address(request: httpx2.Request) -> str:
    """The address of a listing; raises `Hostile` for every other request of the library."""
    url = str(request.url)
    if request.method != "GET" or not url.startswith(f"{LIVE}/api/models?"):
        raise Hostile(
            url[:300],
            f"huggingface_hub was led to {request.method} {url[:200]}",
            expected=f"a listing under {LIVE}/api/models",
            todo="look at the archived page that named it",
        )
    if "authorization" in request.headers:
        raise Hostile(url, "huggingface_hub was about to send a token", todo="unset HF_TOKEN")
    return url


def _held(page: Page) -> CachedPage:
    return CachedPage(
        url=page.url, sha256=page.sha256, size=len(page.body), fetched_at=page.fetched_at, headers=page.headers
    )


def _leads_nowhere(url: str, found: str) -> Drifted:
    return Drifted(
        url,
        f"the listing leads nowhere: {found}",
        expected="a cursor to older repositories, or none",
        todo="nothing tonight: the pages read are kept",
    )
