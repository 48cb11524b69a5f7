"""A publication with everything the site shows, from invented scores: known models on eight toy boards.

The names are of real models, because their dates and openness come from the seeds; every score is made up here by the
same logistic the composite assumes, so that both frontiers rise as they did.
"""

from __future__ import annotations

import math
from pathlib import Path

from examples import Example, JsonRow, board, closed, opened, score

from collectors.contract.source import Board
from warehouse.publication import Publication

NIGHT = "2026-06-14"

CLOSED = {
    "GPT-4": 120.6,
    "GPT-4o": 130.4,
    "claude-3-5-sonnet-20240620": 130.5,
    "o1": 142.0,
    "o3": 146.3,
    "GPT-5": 150.0,
    "Gemini 3 Pro": 152.1,
    "GPT-5.2": 152.9,
    "Claude Opus 4.6": 155.4,
    "GPT-5.5": 158.6,
}
OPEN = {
    "Llama 3.1-405B": 128.2,
    "DeepSeek-V3": 131.7,
    "DeepSeek-R1": 137.3,
    "DeepSeek-R1-0528": 140.4,
    "GLM-4.6": 142.2,
    "Kimi K2 Thinking": 145.8,
    "DeepSeek-V3.2": 146.8,
    "Kimi K2.5": 150.2,
    "GLM-5": 150.4,
    "Kimi K2.6": 154.1,
}
BOARDS = tuple(
    board(f"{domain.split()[0]}-{n}", title=f"{domain.capitalize()} {n}", domain=domain, n_items=400)
    for domain in ("coding", "agents", "reasoning and mathematics")
    for n in (1, 2, 3, 4)
)
HARD = {one.name: 126 + 3 * n for n, one in enumerate(BOARDS)}
"""The ability at which half of a board's questions are solved."""


def scores(name: str, ability: float) -> list[JsonRow]:
    """A model's score on every board, in per cent, each board a little kinder to some models than to others."""
    seen = []
    for one in BOARDS:
        kindness = 2.5 * math.sin(7.0 * ability + 3.0 * HARD[one.name])
        share = 1 / (1 + math.exp(-0.09 * (ability + kindness - HARD[one.name])))
        seen.append(score(name, round(100 * share, 1), board=one.name))
    return seen


def example(folder: Path, *boards: Board, also: tuple[JsonRow, ...] = ()) -> Example:
    """The data folder on the night, unpublished; ``also``: further rows of the page."""
    result = Example(folder, *BOARDS, *boards)
    rows = [row for name, ability in {**CLOSED, **OPEN}.items() for row in scores(name, ability)]
    result.saw(NIGHT, *rows, *also)
    return result


def published(folder: Path, *boards: Board, also: tuple[JsonRow, ...] = ()) -> Publication:
    """The publication of the night."""
    return example(folder, *boards, also=also).published(NIGHT)


def stranger(name: str, ability: float, *, side: str) -> tuple[JsonRow, ...]:
    """A model nobody knows, with a page's word for its openness, and its scores."""
    access = closed(name, api="2026-01-01") if side == "closed" else opened(name, weights="2026-02-01")
    return (access, *scores(name, ability))
