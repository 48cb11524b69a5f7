"""Debian's Chromium: a page in a window of its own, with what it asked for and what went wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from warehouse.publication import Publication

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium")


@contextmanager
def started() -> Iterator[Any]:
    """The browser, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """One page in a window of its own, with what it asked for and what went wrong."""

    def __init__(self, browser: Any, width: int = 1280, theme: str = "light", script: bool = True) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, java_script_enabled=script
        )
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.wrong.append(request.url))
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, publication: Publication, path: str) -> Any:
        """Goes to a page of a publication's site, from the disk."""
        return self.open_file(publication.folder / "site" / path / "index.html")

    def open_file(self, file: Path) -> Any:
        self.page.goto(file.as_uri())
        return self.page

    def first_paint(self) -> float:
        """Seconds from the beginning of the navigation until the first text or drawing was on the screen."""
        milliseconds = self.page.evaluate(
            """() => new Promise((done) => new PerformanceObserver((list) => {
                const [paint] = list.getEntriesByName("first-contentful-paint");
                if (paint) done(paint.startTime);
            }).observe({ type: "paint", buffered: true }))"""
        )
        return float(milliseconds) / 1000
