"""Charts: pure functions from points to Vega-Lite, and Vega-Lite to SVG that follows the page's theme.

Each chart is laid out twice, for wide and for narrow screens, because a chart that is only scaled down cannot be read
on a telephone.  Colours are named by their meaning; the page's theme gives each its value.  Points of closed models are
squares and those of open ones circles, so that no difference is shown by colour alone.
"""

from __future__ import annotations

import re
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from warehouse.report.document import Drawing
from warehouse.report.text import clean, usd

WIDE, NARROW = 760, 340

OVERLAY = "published"
"""The class of what a reader may lay over a chart: values as they were published."""

MANY = 60
"""Rings that can be told apart on a wide chart."""

Spec = dict[str, Any]

# Colours that stand for a meaning until they are replaced; no palette has them.
CLOSED, OPEN, INK, MUTED, GRID, PAPER, ACCENT = (f"#c1000{n}" for n in range(1, 8))
VARIABLES = {
    CLOSED: "var(--closed)",
    OPEN: "var(--open)",
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
    ACCENT: "var(--accent)",
}
PALETTES = {
    "light": {
        CLOSED: "#b34700",
        OPEN: "#0067a8",
        INK: "#1d1d1b",
        MUTED: "#5b5b57",
        GRID: "#dedcd5",
        PAPER: "#fdfcf9",
        ACCENT: "#6a3d9a",
    },
    "dark": {
        CLOSED: "#ff9d5c",
        OPEN: "#62b8f5",
        INK: "#f0eee8",
        MUTED: "#b3b0a8",
        GRID: "#3b3a37",
        PAPER: "#171715",
        ACCENT: "#c9a6f2",
    },
}
"""Blue and orange, told apart by every common kind of colour blindness; each at least 4.5:1 on its paper."""

SVG = "http://www.w3.org/2000/svg"
_UTC = {"type": "utc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One model that moved a frontier: from ``on`` to ``until`` it was the best of its side."""

    title: str
    on: date
    until: date
    score: float
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Tonight's lag: the horizontal distance at the open frontier's level, and its 90 % interval, in days."""

    night: date
    level: float
    title: str
    days: float
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A value with its band on a date."""

    on: date
    value: float
    lo: float | None
    hi: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDuration:
    """How long a closed record stood, in days; a grade that is not reached is None."""

    title: str
    on: date
    match: int | None
    parity: int | None
    lead: int | None
    so_far: int


ABOVE = "closed, right above"
"""The second place for the name of a closed record: the first records have no room to their left."""


def frontiers(
    closed: Sequence[Record], open_: Sequence[Record], reached: Sequence[tuple[date, float]], lag: Lag | None
) -> Callable[[int], Spec]:
    """The two frontiers as steps with their bands, the models that made them, and tonight's lag as a distance.

    ``reached``: points of the open frontier where parity with a closed record is confirmed.
    """

    def spec(width: int) -> Spec:
        narrow = width < 500
        height = 380 if narrow else 440
        first = min(record.on for record in (*closed, *open_))
        last = max(record.until for record in (*closed, *open_))
        end = last + timedelta(days=(last - first).days // (3 if narrow else 6))
        scores = [s for r in (*closed, *open_) for s in (r.score, r.lo, r.hi) if s is not None]
        low, high = min(scores) - 1, max(scores) + 3
        x = _time_axis(first, end, narrow)
        y = _axis("score", low, high)
        plot = _Plot(first=first, last=end, low=low, high=high, width=width - 45, height=height - 40)
        layers: list[Spec] = []
        for colour, records in ((CLOSED, closed), (OPEN, open_)):
            steps = _steps(records)
            layers += [
                _layer(steps, _mark("area", colour, interpolate="step-after", opacity=0.14), x, y | _y("lo"), y2="hi"),
                _layer(steps, _mark("line", colour, interpolate="step-after", strokeWidth=2.2), x, y),
            ]
        for colour, shape, records in ((CLOSED, "square", closed), (OPEN, "circle", open_)):
            points = [{"on": _day(r.on), "score": r.score} for r in records]
            layers.append(_layer(points, _mark("point", colour, shape=shape, filled=True, size=34, opacity=1), x, y))
        crossed = [{"on": _day(on), "score": score} for on, score in reached]
        layers.append(
            _layer(crossed, _mark("point", INK, shape="diamond", filled=False, size=110, strokeWidth=1.4), x, y)
        )
        if lag is not None:
            layers += _distance(lag, x, y, narrow)
        taken: list[tuple[float, float, float, float]] = []
        if lag is not None:
            left, top = plot.x(lag.night), plot.y(lag.level)
            taken.append((left, top - 6, plot.width, top + 52))
            began = lag.night - timedelta(days=round(lag.days if lag.hi is None else lag.hi))
            taken.append((plot.x(began), top - 5, left, top + 5))
        names = _placed(closed, plot, "closed", taken, narrow) + _placed(open_, plot, "open", taken, narrow)
        for place, colour, style in (
            ("closed", CLOSED, {"align": "right", "baseline": "bottom", "dx": -4, "dy": -3}),
            (ABOVE, CLOSED, {"align": "left", "baseline": "bottom", "dx": 4, "dy": -3}),
            ("open", OPEN, {"align": "left", "baseline": "top", "dx": 5, "dy": 4}),
        ):
            texts = [
                {"on": _day(record.on), "score": record.score, "text": clean(record.title, 40)}
                for record, where in names
                if where == place
            ]
            layers += _haloed(texts, colour, x, y, fontSize=10.5, **style)
        # The curves rise, so that the upper left and the lower right are always free.
        layers += [
            _corner("Closed models", CLOSED, plot.width * 0.08, plot.height * (0.08 if narrow else 0.22), narrow),
            _corner("Open-weight models", OPEN, plot.width * 0.52, plot.height * 0.82, narrow),
        ]
        return _chart(width, height, layers)

    return spec


def moments(
    points: Sequence[Moment],
    *,
    unit: str,
    up: str,
    zero: str,
    height: int = 260,
    published: Sequence[Moment] = (),
    recent: tuple[date, float, float] | None = None,
) -> Callable[[int], Spec]:
    """A value over time with its band.  ``up`` says what a higher line means; ``zero`` names the line at nought.

    ``published``: the values as they were published on their nights, as rings in a group of the class `OVERLAY`, which
    a page shows on demand; ``recent``: where the last night is
    likely to lie once late scores are in.
    """

    def spec(width: int) -> Spec:
        narrow = width < 500
        last = points[-1]
        first, end = points[0].on, last.on + timedelta(days=(last.on - points[0].on).days // (5 if narrow else 10))
        values = [v for p in points for v in (p.value, p.lo, p.hi) if v is not None] + list(
            recent[1:] if recent else ()
        )
        low, high = min(0.0, *values), max(values) * 1.06
        x, y = _time_axis(first, end, narrow), _axis("value", low, high, title=f"{unit}, {up}")
        rows = [{"on": _day(p.on), "value": p.value, "lo": p.lo, "hi": p.hi} for p in points]
        layers = [
            _layer(rows, _mark("area", ACCENT, opacity=0.16), x, y | _y("lo"), y2="hi"),
            _layer(rows, _mark("line", ACCENT, strokeWidth=2.2), x, y),
            _layer([{"on": _day(last.on), "value": last.value}], _mark("point", ACCENT, filled=True, size=50), x, y),
        ]
        layers.append(_layer([{"value": 0}], _mark("rule", INK, strokeWidth=1), None, y))
        layers += _haloed(
            [{"on": _day(end), "value": 0, "text": zero}], MUTED, x, y, align="right", baseline="bottom", dy=-3
        )
        if recent is not None:
            on, lo, hi = recent
            ends = [{"on": _day(on + timedelta(days=6)), "value": lo, "to": hi}]
            layers.append(_layer(ends, _mark("rule", MUTED, strokeDash=[3, 3], strokeWidth=1.5), x, y, y2="to"))
        if published:
            rings = [{"on": _day(p.on), "value": p.value} for p in published]
            few = len(rings) <= MANY
            mark = _mark("point", INK, size=30 if few else 5, strokeWidth=1.2 if few else 0.8)
            layers.append({"name": OVERLAY, **_layer(rings, mark, x, y)})
        text = [
            {
                "on": _day(last.on),
                "value": last.value,
                "text": f"{last.value:.0f}" if high > 40 else f"{last.value:.1f}",
            }
        ]
        layers += _haloed(text, ACCENT, x, y, align="left", dx=9, fontWeight="bold", fontSize=14)
        return _chart(width, height, layers)

    return spec


def record_durations(records: Sequence[RecordDuration]) -> Callable[[int], Spec]:
    """Closed records as bars from release to match (open-ended where unmatched), with parity and lead."""

    def spec(width: int) -> Spec:
        narrow = width < 500
        order = [f"{n:03d}" for n in range(len(records))]
        most = max(max(r.so_far if r.match is None else r.match, r.parity or 0, r.lead or 0) for r in records)
        x = {
            "type": "quantitative",
            "field": "days",
            "scale": {"domain": [0, most * 1.1], "nice": False},
            "axis": {"title": "days after its release", "tickCount": 5 if narrow else 10, "orient": "top"},
        }
        y = {"type": "nominal", "field": "row", "scale": {"domain": order, "paddingInner": 0.1}, "axis": None}
        bars, marks, texts = [], [], []
        for key, r in zip(order, records, strict=True):
            end = r.so_far if r.match is None else r.match
            bars.append({"row": key, "days": 0, "to": end, "open": r.match is None})
            fate = f"still standing after {end} days" if r.match is None else f"{end} days"
            texts.append({"row": key, "days": 0, "text": f"{clean(r.title, 40)}, {r.on:%b %Y}: {fate}"})
            marks += [
                {"row": key, "days": d, "grade": grade}
                for grade, d in (("match", r.match), ("parity", r.parity), ("lead", r.lead))
                if d is not None
            ]
            if r.match is None:
                marks.append({"row": key, "days": end, "grade": "standing"})
        shape = {
            "field": "grade",
            "type": "nominal",
            "scale": {
                "domain": ["match", "parity", "lead", "standing"],
                "range": ["circle", "diamond", "triangle-up", "triangle-right"],
            },
            "legend": None,
        }
        down = {"yOffset": 8}
        layers = [
            _layer(
                [b for b in bars if not b["open"]], _mark("bar", CLOSED, height=9, opacity=0.55, **down), x, y, x2="to"
            ),
            _layer([b for b in bars if b["open"]], _mark("bar", CLOSED, height=9, opacity=1, **down), x, y, x2="to"),
            _layer(
                [m for m in marks if m["grade"] != "standing"],
                _mark("point", OPEN, filled=True, size=70, opacity=1, **down),
                x,
                y,
                shape=shape,
            ),
            _layer(
                [m for m in marks if m["grade"] == "standing"],
                _mark("point", CLOSED, filled=True, size=160, opacity=1, **down),
                x,
                y,
                shape=shape,
            ),
            *_haloed(texts, INK, x, y, align="left", dx=2, dy=-8, fontSize=11.5),
        ]
        return _chart(width, 34 * len(records) + 50, layers)

    return spec


def still_standing(
    curve: Sequence[tuple[int, float]], median: tuple[float, float | None, float | None] | None
) -> Callable[[int], Spec]:
    """The share of closed records not yet matched, by days since release, with the median and its interval."""

    def spec(width: int) -> Spec:
        most = curve[-1][0]
        x = {
            "type": "quantitative",
            "field": "days",
            "scale": {"domain": [0, most], "nice": False},
            "axis": {"title": "days after the closed model's release", "tickCount": 6},
        }
        y = _axis("share", 0, 1, title="share of records still unmatched", format="%")
        rows = [{"days": d, "share": s} for d, s in curve]
        layers = [_layer(rows, _mark("line", CLOSED, interpolate="step-after", strokeWidth=2.4), x, y)]
        if median is not None:
            middle, lo, hi = median
            ends = [{"days": lo if lo is not None else middle, "to": hi if hi is not None else most, "share": 0.5}]
            layers += [
                _layer(ends, _mark("rule", INK, strokeWidth=5, opacity=0.3), x, y, x2="to"),
                _layer([{"days": middle, "share": 0.5}], _mark("point", INK, filled=True, size=60), x, y),
            ]
            # Left of the median and below it nothing is drawn: the curve falls from the upper left.
            words = [{"days": ends[0]["days"], "share": 0.5, "text": f"half within {middle:.0f} days"}]
            layers += _haloed(words, INK, x, y, align="right", baseline="top", dx=-4, dy=-6, fontSize=12)
        return _chart(width, 240, layers)

    return spec


def _facets(
    rows: list[dict[str, Any]], names: Sequence[str], layers: list[Spec], *, columns: int, width: int, narrow: bool
) -> Spec:
    """The same layers once for each value of ``panel``, in the order of ``names``; ``width`` is that of one panel."""
    return _config(
        {
            "data": {"values": rows},
            "facet": {
                "field": "panel",
                "type": "nominal",
                "sort": [clean(name, 80) for name in names],
                "title": None,
                "header": {
                    "labelAnchor": "start",
                    "labelFontSize": 10.5 if narrow else 12.5,
                    "labelFontWeight": "bold",
                    "labelColor": INK,
                    "labelExpr": "split(datum.label, ': ')",
                },
            },
            "columns": columns,
            "spacing": 18,
            "spec": {"width": width, "height": 150, "layer": layers},
        }
    )


def panels(groups: Sequence[tuple[str, Sequence[Moment]]]) -> Callable[[int], Spec]:
    """Small multiples of a value over time on one scale, each with its own heading."""

    def spec(width: int) -> Spec:
        narrow = width < 500
        columns = 1 if narrow else min(3, len(groups))
        values = [v for _, points in groups for p in points for v in (p.value, p.lo, p.hi) if v is not None]
        low, high = min(0.0, *values), max(values)
        first = min(points[0].on for _, points in groups)
        end = max(points[-1].on for _, points in groups)
        x = _time_axis(first, end, True)
        y = _axis("value", low, high)
        rows = [
            {"panel": clean(name, 80), "on": _day(p.on), "value": p.value, "lo": p.lo, "hi": p.hi}
            for name, points in groups
            for p in points
        ]
        layers = [
            {
                "mark": _mark("area", ACCENT, opacity=0.16),
                "encoding": {"x": x, "y": y | _y("lo"), "y2": {"field": "hi"}},
            },
            {"mark": _mark("line", ACCENT, strokeWidth=2), "encoding": {"x": x, "y": y}},
            {"mark": _mark("rule", INK, strokeWidth=0.8), "encoding": {"y": {"datum": 0}}},
        ]
        size = (width - 60 - 30 * (columns - 1)) // columns
        return _facets(rows, [name for name, _ in groups], layers, columns=columns, width=size, narrow=narrow)

    return spec


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """The cheapest price of a side from a date on, USD per million tokens."""

    on: date
    until: date
    usd: float


def price_panels(
    levels: Sequence[tuple[str, Sequence[PriceStep], Sequence[PriceStep]]],
) -> Callable[[int], Spec]:
    """The price of fixed levels of ability over time: one panel a level, closed and open as steps, on a log scale."""

    def spec(width: int) -> Spec:
        narrow = width < 500
        columns = 1 if narrow else 2
        steps = [s for _, closed, open_ in levels for s in (*closed, *open_)]
        first, end = min(s.on for s in steps), max(s.until for s in steps)
        x = _time_axis(first, end + timedelta(days=(end - first).days // 5), True)
        low, high = min(s.usd for s in steps) / 1.5, max(s.usd for s in steps) * 1.5
        y = {
            "type": "quantitative",
            "field": "usd",
            "scale": {"type": "log", "domain": [low, high], "nice": False},
            "axis": {"title": None, "values": [0.01, 0.1, 1, 10], "format": "$~g"},
        }
        rows = []
        for name, closed, open_ in levels:
            for side, chosen in (("closed", closed), ("open", open_)):
                rows += [
                    {"panel": clean(name, 80), "side": side, "on": _day(on), "usd": s.usd, "last": ""}
                    for s in chosen
                    for on in (s.on, s.until)
                ]
                if chosen:
                    rows[-1]["last"] = f"{side} {usd(chosen[-1].usd)}"
        layers: list[Spec] = []
        # The closed price is named above its line and the open one below: they often end close together.
        for side, colour, above in (("closed", CLOSED, True), ("open", OPEN, False)):
            only = [{"filter": f"datum.side === '{side}'"}]
            ends = [{"filter": f"datum.side === '{side}' && datum.last !== ''"}]
            layers += [
                {
                    "transform": only,
                    "mark": _mark("line", colour, interpolate="step-after", strokeWidth=2),
                    "encoding": {"x": x, "y": y},
                },
                {
                    "transform": ends,
                    "mark": _mark(
                        "text",
                        colour,
                        align="left",
                        baseline="bottom" if above else "top",
                        dx=4,
                        dy=3 if above else -3,
                        fontSize=11,
                        fontWeight="bold",
                    ),
                    "encoding": {"x": x, "y": y, "text": {"field": "last"}},
                },
            ]
        size = (width - 70 - 40 * (columns - 1)) // columns
        return _facets(rows, [name for name, *_ in levels], layers, columns=columns, width=size, narrow=narrow)

    return spec


def drawing(name: str, spec: Callable[[int], Spec]) -> Drawing:
    """A chart at both widths, as SVG that can stand inside a page."""
    return Drawing(wide=themed(svg(spec(WIDE)), f"{name}-w"), narrow=themed(svg(spec(NARROW)), f"{name}-n"))


def svg(spec: Spec) -> str:
    """Vega-Lite to SVG, with the names of colours in place of their values."""
    import vl_convert  # half a second and 150 MB at its first drawing, so only where charts are drawn

    drawn: str = vl_convert.vegalite_to_svg(spec)
    return drawn


def png(drawn: str, theme: str, scale: float = 2) -> bytes:
    """A drawing to PNG in a theme's colours on its paper."""
    import vl_convert

    picture: bytes = vl_convert.svg_to_png(painted(drawn, theme), scale=scale)
    return picture


def painted(drawn: str, theme: str) -> str:
    """An SVG that stands alone, in one theme, on its paper."""
    root = _settled(drawn, "picture")
    paper = ET.Element(f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": PAPER})
    root.insert(0, paper)
    root.set("font-family", "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif")
    text = ET.tostring(root, encoding="unicode")
    for meaning, colour in PALETTES[theme].items():
        text = text.replace(meaning, colour).replace(VARIABLES[meaning], colour)
    return text


def themed(drawn: str, name: str) -> str:
    """An SVG for a page: ids of its own, colours from the page's variables, its size from the column it stands in."""
    root = _settled(drawn, name)
    for attribute in ("width", "height"):
        root.attrib.pop(attribute, None)
    text = ET.tostring(root, encoding="unicode")
    for meaning, variable in VARIABLES.items():
        text = text.replace(meaning, variable)
    return text


def _settled(drawn: str, name: str) -> ET.Element:
    """The same drawing with stable ids and without what only an interactive chart needs."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(drawn)  # noqa: S314 - our own drawing, made a line ago
    ids: dict[str, str] = {}
    for element in root.iter():
        for attribute in [
            a for a in element.attrib if a.startswith("aria-") or a in ("role", "pointer-events", "font-family")
        ]:
            del element.attrib[attribute]
        if element.tag.endswith("}g") and element.attrib.pop("class", "").endswith(f" {OVERLAY}_marks"):
            element.set("class", OVERLAY)
        if element.tag.endswith("}text") and "stroke" in element.attrib:
            element.set("paint-order", "stroke")
        if "id" in element.attrib:
            ids[element.attrib["id"]] = element.attrib["id"] = (
                f"{name}-{len(ids)}" if element.attrib["id"] not in ids else ids[element.attrib["id"]]
            )
    renamed = {f"url(#{old})": f"url(#{new})" for old, new in _ids(drawn, root).items()}
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if value in renamed:
                element.set(attribute, renamed[value])
    return root


def _ids(drawn: str, root: ET.Element) -> dict[str, str]:
    old = re.findall(r'\bid="([^"]+)"', drawn)
    new = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    return dict(zip(old, new, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """Where a date and a score lie on the drawing, in pixels."""

    first: date
    last: date
    low: float
    high: float
    width: float
    height: float

    def x(self, on: date) -> float:
        return (on - self.first).days / max(1, (self.last - self.first).days) * self.width

    def y(self, score: float) -> float:
        return self.height - (score - self.low) / (self.high - self.low) * self.height

    def text_box(self, on: date, score: float, width: float, side: float) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of a text of this width at a point, to its right or (side -1) to its left."""
        x, y = self.x(on), self.y(score)
        return (x - width, y - 16, x, y - 2) if side < 0 else (x, y - 7 + 10 * side, x + width, y + 7 + 10 * side)

    def box(self, record: Record, side: str) -> tuple[str, tuple[float, float, float, float]]:
        """Where a record's name stands: a closed one left above its step, and right above where the drawing begins."""
        width = 6.0 * len(record.title) + 6
        if side == "open":
            return side, self.text_box(record.on, record.score, width, 1)
        left, top, right, bottom = self.text_box(record.on, record.score, width, -1)
        if left <= 0:
            return ABOVE, (right + 4, top, right + width, bottom)
        return side, (left, top, right, bottom)


def _placed(
    records: Sequence[Record],
    plot: _Plot,
    side: str,
    taken: list[tuple[float, float, float, float]],
    narrow: bool,
) -> list[tuple[Record, str]]:
    """The records whose names fit without overlap, the most important first."""
    weight = {id(r): (r.score - before, (r.until - r.on).days) for before, r in _rises(records)}
    wanted = sorted(records, key=lambda r: weight[id(r)][0] * (60 + weight[id(r)][1]), reverse=True)
    wanted = sorted(wanted, key=lambda r: r is not records[-1])  # the one that leads tonight is always named
    lines = [(plot.x(r.on), plot.x(r.until), plot.y(r.score)) for r in records]
    found: list[tuple[Record, str]] = []
    for record in wanted[: 7 if narrow else 40]:
        place, box = plot.box(record, side)
        inside = box[0] > 0 and box[2] < plot.width + 20 and box[3] < plot.height
        free = all(box[2] < b[0] or box[0] > b[2] or box[3] < b[1] or box[1] > b[3] for b in taken)
        crosses = any(box[0] < right and box[2] > left and box[1] < y < box[3] for left, right, y in lines)
        if inside and free and not crosses:
            taken.append(box)
            found.append((record, place))
    return found


def _rises(records: Sequence[Record]) -> Iterable[tuple[float, Record]]:
    before = records[0].score - 5
    for record in records:
        yield before, record
        before = record.score


def _corner(text: str, colour: str, x: float, y: float, narrow: bool) -> Spec:
    """A side's name in its free corner of the drawing, in pixels."""
    mark = _mark("text", colour, align="left", fontSize=13 if narrow else 15, fontWeight="bold")
    return {
        "data": {"values": [{}]},
        "mark": mark,
        "encoding": {"x": {"value": x}, "y": {"value": y}, "text": {"value": text}},
    }


def _distance(lag: Lag, x: Spec, y: Spec, narrow: bool) -> list[Spec]:
    start = lag.night - timedelta(days=round(lag.days))
    line = [{"on": _day(start), "to": _day(lag.night), "score": lag.level}]
    ends = [{"on": _day(start), "score": lag.level}, {"on": _day(lag.night), "score": lag.level}]
    layers = [
        _layer(line, _mark("rule", INK, strokeWidth=1.6), x, y, x2="to"),
        _layer(ends, _mark("tick", INK, orient="vertical", thickness=1.6, size=12), x, y),
    ]
    if lag.lo is not None and lag.hi is not None:
        low, high = (lag.night - timedelta(days=round(d)) for d in (lag.hi, lag.lo))
        band = [{"on": _day(low), "to": _day(high), "score": lag.level}]
        layers.insert(0, _layer(band, _mark("rule", INK, strokeWidth=7, opacity=0.2), x, y, x2="to"))
    words = "\n".join([*textwrap.wrap(clean(lag.title, 60), 15), f"{lag.days:.0f} days", "behind"])
    text = [{"on": _day(lag.night), "score": lag.level, "text": words}]
    style = {"align": "left", "baseline": "top", "dx": 7, "dy": -2, "lineBreak": "\n", "fontWeight": "bold"}
    return layers + _haloed(text, INK, x, y, fontSize=10.5 if narrow else 12, **style)


def _steps(records: Sequence[Record]) -> list[Spec]:
    rows = [{"on": _day(r.on), "score": r.score, "lo": r.lo, "hi": r.hi} for r in records]
    last = records[-1]
    return [*rows, {"on": _day(last.until), "score": last.score, "lo": last.lo, "hi": last.hi}]


def _day(on: date) -> int:
    """Milliseconds since 1970, the same in every time zone."""
    return int(datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp() * 1000)


def _time_axis(first: date, last: date, narrow: bool) -> Spec:
    return {
        "type": "temporal",
        "field": "on",
        "scale": {"domain": [_day(first), _day(last)], **_UTC},
        "axis": {
            "title": None,
            "labelExpr": "utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%Y') : utcFormat(datum.value, '%b')",
            "tickCount": {"interval": "year", "step": 1} if narrow else {"interval": "month", "step": 6},
            "grid": False,
            "labelFlush": False,
        },
    }


def _axis(field: str, low: float, high: float, title: str = "", **axis: object) -> Spec:
    return {
        "type": "quantitative",
        "field": field,
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"title": title or None, "tickCount": 5, **axis},
    }


def _y(field: str) -> Spec:
    return {"field": field}


def _mark(kind: str, colour: str, **more: object) -> Spec:
    mark: Spec = {"type": kind, "clip": kind in ("area", "line"), "color": colour, **more}
    if more.get("filled") is False or kind in ("line", "rule"):
        mark["stroke"] = colour
    return mark


def _layer(rows: Sequence[Spec], mark: Spec, x: Spec | None, y: Spec, **more: object) -> Spec:
    encoding: Spec = {"y": y} if x is None else {"x": x, "y": y}
    for channel, value in more.items():
        encoding[channel] = {"field": value} if isinstance(value, str) else value
    return {"data": {"values": list(rows)}, "mark": mark, "encoding": encoding}


def _haloed(rows: Sequence[Spec], colour: str, x: Spec, y: Spec, **style: object) -> list[Spec]:
    """Text with a rim of paper, so that a line behind it does not cut it; `_settled` puts the rim below the letters."""
    rimmed = _mark("text", colour, stroke=PAPER, strokeWidth=3.5, strokeJoin="round", **style)
    return [_layer(rows, rimmed, x, y, text="text")] if rows else []


def _chart(width: int, height: int, layers: list[Spec]) -> Spec:
    return _config(
        {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}, "layer": layers}
    )


def _config(spec: Spec) -> Spec:
    text = {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 11.5,
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
    }
    return spec | {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "padding": 4,
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {"domainColor": MUTED, "tickColor": MUTED, "gridColor": GRID, "gridWidth": 1} | text,
            "axisY": {
                "titleAngle": 0,
                "titleAlign": "left",
                "titleX": 0,
                "titleY": -12,
                "titleBaseline": "bottom",
                "domain": False,
                "ticks": False,
            },
            "text": {"fontSize": 12},
        },
    }
