"""A picture of time: laid out in points as a list of what is to be drawn, then put onto an Axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from typing import TYPE_CHECKING, Any, NamedTuple

from qlkit.plots.paper import SIDE, SMALL, SPACING, WIDTH, baselines, room, time_ticks, width_of
from qlkit.plots.style import COLORS, INK, MUTED, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Point = tuple[float, float]

HATCHES = {"move": "/////", "planned": "\\\\\\\\\\", "pause": "xxxxx"}
"""The hatch says the same as the colour, to those who don't see it."""

_SCALES = (1.0, 0.85, 0.7, 0.6)


class Text(NamedTuple):
    """Lines of text, by default downwards and to the right of a point; "baseline" is for a single line alone."""

    x: float
    y: float
    lines: Sequence[str]
    size: float
    bold: bool = False
    color: str = INK
    va: str = "top"
    ha: str = "left"


class Line(NamedTuple):
    """A line through points; one that is no number parts it."""

    points: Sequence[Point]
    color: str
    width: float = 1.0
    gid: str | None = None
    dashed: bool = False


class Marks(NamedTuple):
    """A marker, named as matplotlib names it, at each point."""

    points: Sequence[Point]
    marker: str
    gid: str
    size: float = 4.0
    full: bool = True


class Bars(NamedTuple):
    """Bars, each from a second on for some seconds, in the colour of a kind, by the width of their white edges."""

    kind: str
    spans: dict[float, list[Point]]
    y: float
    height: float
    gid: str


class Sheet:
    """A picture of time being laid out: points across from time 0, points down from the top.

    ``left`` and ``right`` are the points kept free beside the time axis, ``total`` its seconds.
    """

    def __init__(self, wide: float, total: float, left: float = SIDE, right: float = SIDE) -> None:
        self.left, self.right, self.total = left, right, total
        self.width = max(wide - left - right, 60.0)
        self.scale = self.width / total
        self.height = 0.0
        self.ticks: tuple[list[float], Callable[[float], str]] = [], str
        self.drawn: list[Text | Line | Marks | Bars] = []

    def text(self, x: float, y: float, lines: str | Sequence[str], size: float, **how: Any) -> None:
        """Write lines of text, as ``Text`` says."""
        self.drawn.append(Text(x, y, [lines] if isinstance(lines, str) else lines, size, **how))

    def labels(self, points: Sequence[Point], texts: Sequence[str], size: float, **how: Any) -> None:
        """Write short texts, each centred on its own baseline, which a figure draws quicker than others."""
        how = {"va": "baseline", "ha": "center", **how}
        for (x, y), text in zip(points, texts, strict=True):
            if text.strip():
                self.text(x, y, text, size, **how)

    def line(self, points: Sequence[Point], color: str, width: float = 1.0, **how: Any) -> None:
        """Draw a line, as ``Line`` says."""
        self.drawn.append(Line(points, color, width, **how))

    def marks(self, points: Sequence[Point], marker: str, gid: str, **how: Any) -> None:
        """Draw markers, as ``Marks`` says."""
        if points:
            self.drawn.append(Marks(points, marker, gid, **how))

    def bars(self, kind: str, spans: Sequence[Point], y: float, height: float, gid: str = "") -> None:
        """Draw bars of one kind, as ``Bars`` says."""
        by_edge: dict[float, list[Point]] = {}
        for begin, length in spans:
            # A white edge parts neighbours; it must not eat up a bar that is only a hair wide.
            by_edge.setdefault(round(min(1.2, length * self.scale / 8), 2), []).append((begin, length))
        if by_edge:
            self.drawn.append(Bars(kind, by_edge, y, height, gid or kind))

    def axis(self, y: float, begin: int | None, kinds: Sequence[str]) -> float:
        """Draw the axis of time, and beneath it what the colours mean; return where that ends."""
        self.ticks = ticks, write = time_ticks(self.total, self.width, begin)
        xs = [tick * self.scale for tick in ticks]
        strokes = [point for x in xs for point in ((x, y), (x, y + 4), (nan, y))]
        self.line([(0, y), (self.width, y), (nan, y), *strokes], MUTED, 0.8, gid="axis")
        foot = y + 7 + baselines(["0"], SMALL)[0][0]
        self.labels([(x, foot) for x in xs], [write(tick) for tick in ticks], SMALL)
        unit = "time of day" if begin is not None else "minutes" if self.total < 3600 else "hours:minutes:seconds"
        self.text(0, y + 22, unit, SMALL, color=MUTED)
        x = self.width - sum(width_of(kind, SMALL) + 38 for kind in kinds) + 14
        y += 22 if x > width_of(unit, SMALL) + 10 else 38
        for kind in kinds:
            self.bars(kind, [(x / self.scale, 18 / self.scale)], y + 1, 9, gid="legend")
            self.text(x + 23, y, kind, SMALL, color=MUTED)
            x += width_of(kind, SMALL) + 38
        return y + 18


def draw(build: Callable[[float, float], Sheet], ax: Axes | None) -> Axes:
    """Put a sheet onto an Axes, or onto a new figure as high as the sheet.

    ``build`` makes the sheet for a width and for the height there is. Where a sheet is too high
    for its Axes it is made again in smaller letters.
    """
    from matplotlib.ticker import FixedFormatter, FixedLocator

    from qlkit.plots.labels import LabelsArtist

    with style():
        if ax is None:
            from matplotlib.figure import Figure

            sheet, scale = build(WIDTH, float("inf")), 1.0
            ax = Figure(figsize=(WIDTH / 72, sheet.height / 72)).add_axes((0, 0, 1, 1))
            spare = 0.0
        else:
            ax.set(xticks=[], yticks=[])
            wide, high = room(ax)
            for scale in _SCALES:
                sheet = build(wide / scale, high / scale if scale == _SCALES[-1] else float("inf"))
                spare = high / scale - sheet.height
                if spare >= 0:
                    break
        edge = max(spare, 0) / 2
        ax.set(xlim=(-sheet.left / sheet.scale, sheet.total + sheet.right / sheet.scale), autoscale_on=False)
        ax.set_ylim(sheet.height + edge, -edge)
        # The sheet has an axis of its own, drawn in a tenth of the time; this one answers what its ticks are.
        ticks, write = sheet.ticks
        ax.xaxis.set(visible=False, major_locator=FixedLocator(ticks))
        ax.xaxis.set_major_formatter(FixedFormatter([write(tick) for tick in ticks]))
        ax.yaxis.set_visible(False)
        ax.spines[:].set_visible(False)
        labels: dict[tuple[Any, ...], list[Text]] = {}
        for each in sheet.drawn:
            if isinstance(each, Text) and each.va == "baseline":
                labels.setdefault(each[3:], []).append(each)
            else:
                _put(each, ax, sheet.scale, scale)
        for texts in labels.values():
            ax.add_artist(LabelsArtist(texts, sheet.scale, scale))
    return ax


def _put(each: Text | Line | Marks | Bars, ax: Axes, per_second: float, k: float) -> None:
    """Draw one thing of a sheet onto an Axes across which are seconds, with letters and lines ``k`` times as big."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    match each:
        case Text(x, y, lines, size, bold, color, va, ha):
            how = {"weight": "bold" if bold else "normal", "color": color, "va": va, "ha": ha, "linespacing": SPACING}
            # Titles come from files of users: a $ or _ in them is no formula.
            how |= {"parse_math": False, "in_layout": False}
            ax.text(x / per_second, y, "\n".join(lines), fontsize=size * k, **how)
        case Line(points, color, width, gid, dashed):
            look = {"ls": (0, (4, 3)) if dashed else "-", "marker": "", "solid_capstyle": "butt", "gid": gid}
            ax.plot([x / per_second for x, _ in points], [y for _, y in points], color=color, lw=width * k, **look)
        case Marks(points, marker, gid, size, full):
            look = {"ls": "", "mew": 0.8 * k, "mfc": INK if full else "none", "color": INK, "gid": gid}
            ax.plot([x / per_second for x, _ in points], [y for _, y in points], marker=marker, ms=size * k, **look)
        case Bars(kind, spans, y, height, gid):
            # Bars with the same edge are one path, which is written quicker than one for each.
            low, codes = y + height, [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
            paths = [
                Path(
                    [p for a, s in some for p in ((a, y), (a + s, y), (a + s, low), (a, low), (a, y))],
                    codes * len(some),
                )
                for some in spans.values()
            ]
            look = {"facecolors": COLORS[kind], "edgecolors": "white", "gid": gid, "hatch": HATCHES.get(kind)}
            ax.add_collection(PathCollection(paths, linewidths=list(spans), **look), autolim=False)
