"""The documentation as a site: every page is reached, every link leads somewhere, nothing comes from another host."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from conftest import ROOT

LOADS = {"script": "src", "img": "src", "source": "srcset", "iframe": "src", "link": "href"}
"""What a browser fetches by itself when it shows a page: element and attribute."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "docs", home / "docs")
    shutil.copy(ROOT / "zensical.toml", home)
    tool = Path(sys.executable).with_name("zensical")
    ran = subprocess.run([tool, "build", "--strict"], cwd=home, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return home / "build" / "docs"


def pages(site: Path) -> Iterator[tuple[Path, BeautifulSoup]]:
    for file in sorted(site.glob("*.html")):
        yield file, BeautifulSoup(file.read_bytes(), "html.parser")


def test_every_page_of_docs_is_in_the_navigation_once() -> None:
    declared = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]["nav"]
    named: list[str] = []
    while declared:
        entry = declared.pop()
        (target,) = entry.values()
        if isinstance(target, str):
            named.append(target)
        else:
            declared.extend(target)
    assert sorted(named) == sorted(file.name for file in (ROOT / "docs").glob("*.md"))


def test_every_link_leads_to_a_page_and_a_heading(site: Path) -> None:
    anchors = {file.name: {tag["id"] for tag in soup.find_all(id=True)} for file, soup in pages(site)}
    dead = []
    for file, soup in pages(site):
        for link in soup.select("article a[href]"):
            target = urlsplit(str(link["href"]))
            if target.scheme or target.netloc:
                continue
            name = unquote(target.path) or file.name
            if not (site / name).exists() or (target.fragment and target.fragment not in anchors.get(name, set())):
                dead.append(f"{file.name}: {link['href']}")
    assert dead == []


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    def elsewhere(tag: Tag) -> bool:
        target = urlsplit(str(tag.get(LOADS[tag.name]) or ""))
        fetched = tag.name != "link" or {"stylesheet", "icon", "preload"} & set(tag.get("rel") or [])
        return bool(fetched and target.netloc)

    found = [f"{file.name}: {tag}" for file, soup in pages(site) for tag in soup.find_all([*LOADS]) if elsewhere(tag)]
    assert found == []
    assert not any(soup.select(".mermaid") for _, soup in pages(site)), "the theme would fetch what draws it"
