"""A small step chart for pages there are hundreds of: two frontiers drawn by hand, as a library would take too long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from markupsafe import Markup

WIDTH, HEIGHT = 380, 150
_LEFT, _TOP, _BOTTOM = 8, 14, 22
_LETTER = 8.2
"""Width of a letter of the bold text at the ends; what is wider than the margin was cut off."""

Step = tuple[date, date, float]
"""From, until, score."""


def steps(closed: Sequence[Step], open_: Sequence[Step], alternative: str, words: Callable[[float], str]) -> str:
    """Both frontiers of one board as SVG: values at their ends by ``words``, years below; empty without a record."""
    every = [*closed, *open_]
    if not every:
        return ""
    first, last = min(s[0] for s in every), max(s[1] for s in every)
    low, high = min(s[2] for s in every), max(s[2] for s in every)
    ends = {side: f"{side} {words(found[-1][2])}" for side, found in (("closed", closed), ("open", open_)) if found}
    right = 10 + _LETTER * max(len(text) for text in ends.values())
    across, tall = max(1, (last - first).days), (high - low) or 1.0

    def x(day: date) -> float:
        return _LEFT + (day - first).days / across * (WIDTH - _LEFT - right)

    def y(score: float) -> float:
        return _TOP + (high - score) / tall * (HEIGHT - _TOP - _BOTTOM)

    parts = [
        Markup('<svg class="steps" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(WIDTH, HEIGHT, alternative)
    ]
    for year in range(first.year + 1, last.year + 1):
        at = x(date(year, 1, 1))
        parts.append(
            Markup('<path class="rule" d="M{0:.0f} {1}V{2}"/><text class="year" x="{0:.0f}" y="{3}">{4}</text>').format(
                at, _TOP, HEIGHT - _BOTTOM, HEIGHT - 6, year
            )
        )
    apart = _apart({side: y(found[-1][2]) for side, found in (("closed", closed), ("open", open_)) if found})
    for side, found in (("closed", closed), ("open", open_)):
        if not found:
            continue
        path = "".join(
            (f"M{x(a):.1f} {y(score):.1f}" if n == 0 else f"V{y(score):.1f}") + f"H{x(b):.1f}"
            for n, (a, b, score) in enumerate(found)
        )
        parts.append(Markup('<path class="line {}" d="{}"/>').format(side, path))
        parts.append(
            Markup('<text class="end {}" x="{:.0f}" y="{:.0f}">{}</text>').format(
                side, x(found[-1][1]) + 6, apart[side] + 4, ends[side]
            )
        )
    return str(Markup("").join(parts) + Markup("</svg>"))


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """The same heights, moved apart where one text would lie on the other."""
    if len(ends) < 2 or abs(ends["closed"] - ends["open"]) >= 14:
        return ends
    middle, sign = (ends["closed"] + ends["open"]) / 2, 1 if ends["closed"] <= ends["open"] else -1
    return {"closed": middle - 7 * sign, "open": middle + 7 * sign}
