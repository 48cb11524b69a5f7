"""Reads what leaderboards state about a model's weights, licence labels and Hub links, in one way for all.

A label is a board's statement, not a licence text: BFCL listed mistral-large-2411 as "Proprietary" while its
weights could be downloaded.  So a label gives a verdict only where its meaning is plain, and None where it
can be read in two ways ("Non-commercial", "Other", a company's name).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.contract.rows import Access
from collectors.read.cells import absent
from collectors.read.faults import UNENDED
from collectors.sanitize import MAX_NAME, name_fault

_CLOSED = re.compile(r"propr\w*y|closed|closed[- ]source", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(apache|mit|bsd|cc[- ]by|openrail|llama|gemma|qwen|qianwen|deepseek|glm-?4|falcon|dbrx|cogvlm2?|nvidia"
    r"|mrl|mistral (ai )?research|jamba[- ]open|yi license|open[- ]model|impact low-risk|tencent-hy-community)\b",
    re.IGNORECASE,
)
_LLAMA_GENERATION = re.compile(r"\bllama\d", re.IGNORECASE)
_HUB = re.compile(
    r"https?://(?:www\.)?huggingface\.co/(?!(?:blog|chat|collections|datasets|docs|models|papers|spaces)/)"
    r"([\w.-]+/[\w.-]+)"
)


def open_by_label(licence: str) -> bool | None:
    """Whether a licence label means downloadable weights; None where the label does not settle it.

    "Propretary" and "Proprietory" are real cells.
    """
    label = licence.strip()
    if _CLOSED.fullmatch(label):
        return False
    if _OPEN.search(label.replace("_", " ")) or _LLAMA_GENERATION.search(label):
        return True
    return None


def hub_repo(link: object) -> str:
    """``owner/name`` of a Hugging Face model page, or the empty string for any other link."""
    match = _HUB.match(str(link or "").strip())
    return match.group(1) if match else ""


def stated(name: str, *, written: str, licence: str = "", developer: str = "", link: object = None) -> Iterator[Access]:
    """The `Access` row of one board row, unless it states nothing or its name cannot be a name."""
    licence, repo = "" if absent(licence) or str(licence).endswith(UNENDED) else str(licence).strip(), hub_repo(link)
    if not name_fault(name.strip()) and (licence or repo):
        yield Access(
            name=name.strip(),
            open=open_by_label(licence),
            evidence="board flag",
            written=written,
            developer=developer.strip()[:MAX_NAME],
            licence=licence[:MAX_NAME],
            repo=repo,
        )
