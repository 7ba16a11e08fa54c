"""SVG written straight away, for pictures that follow a slider: drawn in a few ms, not in the fifty of matplotlib."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from math import isnan
from typing import Any

from qlkit.plots.body import FAR, FILL, HALO
from qlkit.plots.paper import advance, baselines
from qlkit.plots.sheet import HATCHES, Bars, Line, Sheet, Text
from qlkit.plots.style import COLORS, MUTED

Point = tuple[float, float]


class Svg:
    """A drawing in points, to the right and down; its text stays text, and takes the width that was worked out for it.

    Examples
    --------
    >>> svg = Svg()
    >>> svg.text(0, 12, ["Lie flat"], 10)
    >>> "Lie flat</text>" in svg.written(80, 20)
    True
    """

    def __init__(self) -> None:
        self.parts: list[str] = []

    def shape(
        self, d: str, fill: str = "none", edge: str = "none", width: float = 1.0, hatch: bool = False, **more: str
    ) -> None:
        """Draw a path filled, with an edge, or hatched in white; ``more`` are further attributes."""
        extra = "".join(f' {key.rstrip("_").replace("_", "-")}="{value}"' for key, value in more.items())
        self.parts.append(f'<path d="{d}" fill="{fill}" stroke="{edge}" stroke-width="{width:g}"{extra}/>')
        if hatch:
            self.parts.append(f'<path d="{d}" fill="url(#hatch)"/>')

    def text(self, *where: Any, **how: Any) -> None:
        """Write lines of text, as ``Text`` says."""
        x, y, lines, size, bold, color, va, ha = Text(*where, **how)
        # XML knows no control characters.
        lines = [re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", line) for line in lines]
        feet, high = baselines(lines, size, bold)
        y -= {"top": 0, "center": high / 2, "bottom": high, "baseline": feet[0]}[va]
        weight = ' font-weight="bold"' if bold else ""
        for foot, line in ((foot, line) for foot, line in zip(feet, lines, strict=True) if line.strip()):
            wide = advance(line, size, bold)
            left = x - wide * {"left": 0, "center": 0.5, "right": 1}[ha]
            said = escape(line.replace("  ", 2 * "\N{NO-BREAK SPACE}"))  # several spaces would be taken for one
            self.parts.append(
                f'<text x="{_short(left)}" y="{_short(y + foot)}" font-size="{size:g}"{weight} fill="{color}" '
                f'textLength="{_short(wide)}" lengthAdjust="spacingAndGlyphs">{said}</text>'
            )

    def written(self, width: float, height: float, left: float = 0) -> str:
        """Return as the text of an SVG what is drawn down from 0, and to the right from ``left``."""
        view = f"{_short(left)} 0 {_short(width)} {_short(height)}"
        size = f'width="{_short(width)}pt" height="{_short(height)}pt" viewBox="{view}"'
        hatch = (
            '<pattern id="hatch" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<path d="M.4 0V3" stroke="white" stroke-width="0.8"/></pattern>'
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'font-family="DejaVu Sans, Verdana, sans-serif">{hatch}{"".join(self.parts)}</svg>'
        )


def draw_figure(svg: Svg, drawn: dict, scale: float, x: float, y: float) -> None:
    """Draw a figure of ``qlkit.body`` seen from the side, its origin at a point, so many points to the metre."""

    def placed(ring: list, smooth: bool) -> str:
        points = [(x + scale * px, y - scale * py) for px, py in ring]
        return curve(points) if smooth else outline(points, closed=True)

    for limb in drawn["limbs"]:
        paths = [(part, "".join(placed(ring, part["smooth"]) for ring in part["rings"])) for part in limb["parts"]]
        if limb["halo"]:
            svg.shape("".join(d for _, d in paths), "white", "white", 2 * HALO * scale)
        for part, d in paths:
            svg.shape(d, (FAR if limb["far"] else FILL)[part["role"]], class_=limb["name"])
    svg.shape(placed(drawn["floor"], smooth=False), edge=MUTED)


def outline(points: Iterable[Point], closed: bool = False) -> str:
    """Return a path through points; one that is no number parts it."""
    d, begin = "", True
    for x, y in points:
        if isnan(x):
            begin = True
            continue
        d += f"{'M' if begin else 'L'}{_short(x)} {_short(y)}"
        begin = False
    return d + "Z" * closed


def curve(points: Sequence[Point]) -> str:
    """Return a closed curve that points pull at, as ``qlkit.body`` means its outlines."""
    middles = [((x + u) / 2, (y + v) / 2) for (x, y), (u, v) in zip(points, [*points[1:], points[0]], strict=True)]
    steps = "".join(
        f"Q{_short(x)} {_short(y)} {_short(u)} {_short(v)}" for (x, y), (u, v) in zip(points, middles, strict=True)
    )
    return outline(middles[-1:]) + steps + "Z"


def box(x: float, y: float, wide: float, high: float) -> str:
    """Return a rectangle as a path."""
    return f"M{_short(x)} {_short(y)}h{_short(wide)}v{_short(high)}h{_short(-wide)}z"


def _short(number: float) -> str:
    """Return a number to a hundredth, which is finer than any screen."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def sheet_svg(sheet: Sheet) -> str:
    """Return a picture of time as SVG, in its natural size."""
    svg = Svg()
    for each in sheet.drawn:
        match each:
            case Text():
                svg.text(*each)
            case Line(points, color, width, _, dashed):
                svg.shape(outline(points), edge=color, width=width, **{"stroke_dasharray": "4 3"} if dashed else {})
            case Bars(kind, spans, y, height, gid):
                for edge, some in spans.items():
                    d = "".join(box(a * sheet.scale, y, seconds * sheet.scale, height) for a, seconds in some)
                    svg.shape(d, COLORS[kind], "white", edge, kind in HATCHES, class_=gid)
            case _:
                raise TypeError(f"{each!r} is not drawn as SVG")
    return svg.written(sheet.left + sheet.width + sheet.right, sheet.height, -sheet.left)
