"""The quadratus lumborum from behind: where it is attached, its three layers, what it does.

Outlines, places and words are data: ``data/anatomy.toml``, in points from the midline and the middle of L5.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from qlkit.errors import QlkitError
from qlkit.plots.paper import SPACING, check_axes, height_of, room, wrap
from qlkit.plots.style import INK, style

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

    Point = tuple[float, float]

EDGE, FIBRE = "#75664C", "#7A3226"
"""The outline of bone, and of the muscle and its fibres."""

SEAMS = {"middle": (0, (4, 2.2)), "posterior": (0, (0.8, 2))}
"""A broken white line along a fascicle says the same as its colour; those of the anterior layer are plain."""

WIDTH, MARGIN, TOP, BOTTOM, SAMPLE = 430.0, 8.0, 228.0, -104.0, 30.0
"""Points: the breadth of the page, its edge, from where to where the drawing reaches, room for a sample of a layer."""

TITLE, TEXT, LABEL, LEVEL, SMALLEST = 12.5, 9.2, 8.8, 8.0, 0.6
"""Sizes of letters in points; how far the picture may shrink to fit an Axes."""


class Fascicle(NamedTuple):
    """A bundle of fibres: its side and layer, the places it is named after, and where its ends are drawn."""

    side: str
    layer: str
    below: str
    above: str
    ends: list[Point]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("qlkit") / "data" / "anatomy.toml").read_text(encoding="utf-8"))


@cache
def fascicles() -> dict[str, Fascicle]:
    """Return the fascicles of both sides, by the side and the name in the model.

    Examples
    --------
    >>> fascicles()["left_QL_mid_L2-12.1"][:4]
    ('left', 'middle', 'L2', '12.1')
    """
    found = {}
    for layer, part in _data()["layers"].items():
        pairs = {name: name.rpartition("_")[2].split("-") for name in part["fascicles"]}
        for name, (below, above) in pairs.items():
            start = _spot(below, above, [up for down, up in pairs.values() if down == below])
            end = _spot(above, below, [down for down, up in pairs.values() if up == above])
            for side, ends in zip(("right", "left"), _both([start, end]), strict=True):
                found[f"{side}_{name}"] = Fascicle(side, layer, below, above, ends)
    return found


def _spot(place: str, other: str, others: list[str]) -> Point:
    """Return where at a place the fascicle to another one ends: beside its neighbours, without crossing them."""
    places = _data()["places"]
    (x0, y0), (x1, y1) = places[place]

    def lean(key: str) -> float:
        dx, dy = (sum(end[i] for end in places[key]) - (x0 + x1, y0 + y1)[i] for i in (0, 1))
        return dx / math.hypot(dx, dy) * (-1 if place[0] == "L" and dy > 0 else 1)

    part = (sorted(others, key=lean).index(other) + 0.5) / len(others)
    return x0 + part * (x1 - x0), y0 + part * (y1 - y0)


def _strip(start: Point, end: Point) -> list[Point]:
    """Return the outline of a fascicle: broad in the middle, narrow where it is attached."""
    (x, y), (dx, dy) = start, (end[0] - start[0], end[1] - start[1])
    ring = []
    for side, steps in ((1, range(9)), (-1, range(8, -1, -1))):
        for t in (step / 8 for step in steps):
            half = side * (1.7 + 1.8 * math.sin(math.pi * t)) / math.hypot(dx, dy)
            ring.append((x + t * dx - half * dy, y + t * dy + half * dx))
    return ring


def _both(half: Iterable[Point]) -> list[list[Point]]:
    """Return points of the right side, and their mirror image."""
    return [[(side * x, y) for x, y in half] for side in (1, -1)]


class _Pen:
    """Draws in points of the natural size; ``scale`` is how large letters and lines are then."""

    def __init__(self, ax: Axes, scale: float) -> None:
        self.ax, self.scale = ax, scale

    def patch(self, rings: Iterable[Sequence[Point]], look: str, smooth: bool = True, **how: Any) -> None:
        """Fill outlines; a smooth one touches the middles of its sides."""
        import numpy as np
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        paths = []
        for ring in rings:
            points = np.array(ring, float)
            middles = (points + np.roll(points, -1, axis=0)) / 2
            curve = np.column_stack([points, middles]).reshape(-1, 2)
            curved = Path([middles[-1], *curve], [Path.MOVETO] + [Path.CURVE3] * len(curve))
            paths.append(curved if smooth else Path([*points, points[0]], closed=True))
        zorder, color = _data()["looks"][look]
        how = {"gid": look, "zorder": zorder, "ec": EDGE, "lw": 0.9, "joinstyle": "round", **how}
        how["lw"] *= self.scale
        # Not add_patch: that measures every curve for limits which are set anyway.
        self.ax.add_artist(PathPatch(Path.make_compound_path(*paths), fc=color, **how))

    def lines(self, lines: Iterable[Sequence[Point]], color: str, width: float, look: str, **how: Any) -> None:
        """Draw lines onto a part, all alike."""
        points = [point for line in lines for point in (*line, (math.nan, math.nan))]
        how |= {"color": color, "lw": width * self.scale, "marker": "", "dash_capstyle": "butt"}
        self.ax.plot(*zip(*points, strict=True), zorder=_data()["looks"][look][0] + 0.1, **how)

    def strips(self, layer: str, ends: dict[str, Sequence[Point]]) -> None:
        """Draw fascicles of a layer."""
        for name, (start, end) in ends.items():
            self.patch([_strip(start, end)], layer, False, gid=name, ec="white", lw=0.6)
        if layer in SEAMS:
            seams = [[(a + t * (c - a), b + t * (d - b)) for t in (0.07, 0.93)] for (a, b), (c, d) in ends.values()]
            self.lines(seams, "white", 0.9, layer, ls=SEAMS[layer])

    def text(self, x: float, y: float, text: str, size: float, target: Point | None = None, **how: Any) -> None:
        """Write a text, with a line to its target if it has one."""
        how = {"va": "center", "ha": "left", "linespacing": SPACING, "parse_math": False, "in_layout": False, **how}
        if target:
            from matplotlib.patheffects import withStroke

            line = {"arrowstyle": "-", "color": INK, "lw": 0.8 * self.scale, "shrinkA": 1, "shrinkB": 0}
            line["path_effects"] = [withStroke(linewidth=2.4 * self.scale, foreground="white")]
            how["arrowprops"] = {**line, "relpos": (0 if how["ha"] == "right" else 1, 0.5)}
            self.ax.plot(*target, "o", ms=3.4 * self.scale, mfc=INK, mec="white", mew=0.7 * self.scale, zorder=13)
        self.ax.annotate(text, target or (x, y), (x, y), size=size * self.scale, zorder=12, **how)


def _bones(pen: _Pen, data: dict[str, Any]) -> None:
    for part, half in data["vertebra"].items():
        for level, (height, size, reach) in data["levels"].items():
            # The transverse processes have a length of their own.
            ring = [(x * (reach if part == "arch" and x > 20 else size), height + y * size) for x, y in half]
            pen.patch([ring + _both(ring[::-1])[1]], part, gid=f"{part}_{level}")
    for bone, half in data["bones"].items():
        pen.patch([half + _both(half[::-1])[1]] if bone == "sacrum" else _both(half), bone)
    pen.patch([ring for half in data["details"] for ring in _both(half)], "details", lw=0)
    for n in range(16):  # the drawing fades away below
        pen.ax.axhspan(BOTTOM + 2 * n, BOTTOM + 2 * n + 2, fc="white", alpha=1 - n / 16, lw=0, zorder=11)


def plot_ql(
    ax: Axes | None = None, *, attachments: bool = True, layers: bool = True, actions: str | None = None
) -> Axes:
    """Draw the muscle on both sides of the spine, as a schematic seen from behind.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        Where to draw; without one, a new figure (not of pyplot).
    attachments : bool
        Whether to name what it is attached to.
    layers : bool
        Whether to draw the fascicles of its three layers, or the muscle as a whole.
    actions : str, optional
        ``lateral flexion``, ``hip hike`` or ``12th-rib fixation``: shown by arrows and said in a line.

    Returns
    -------
    matplotlib.axes.Axes
        In points of the natural size, from the midline and the middle of L5.

    Examples
    --------
    >>> from qlkit.plots.anatomy import plot_ql
    >>> plot_ql(actions="hip hike").texts[0].get_text()
    'Quadratus lumborum (QL), seen from behind'
    """
    data = _data()
    known = data["actions"]
    if actions is not None and actions not in list(known):
        raise QlkitError(f"{actions!r} is no action of the muscle; known: {', '.join(known)}, or None for no arrows")
    check_axes(ax)
    rows = [("", data["title"], TITLE, "bold"), ("", data["notice"], TEXT, "normal")]
    rows += [(layer, part["words"], TEXT, "normal") for layer, part in data["layers"].items()] if layers else []
    rows += [("", known[actions]["words"], TEXT, "normal")] if actions else []
    rows += [("", data["strips" if layers else "plain"] + f" {data['attached']}" * bool(attachments), LABEL, "normal")]
    laid = []
    for layer, text, size, weight in rows:
        lines = wrap(text, size, WIDTH - 2 * MARGIN - SAMPLE * bool(layer), weight == "bold")
        laid.append((layer, lines, size, weight, height_of(lines, size, weight == "bold") + 4))
    top = TOP + MARGIN + sum(row[-1] for row in laid[:2])
    low = BOTTOM - MARGIN - sum(row[-1] for row in laid[2:])
    with style():
        if ax is None:
            from matplotlib.figure import Figure

            scale, ax = 1.0, Figure(figsize=(WIDTH / 72, (top - low) / 72)).add_axes((0, 0, 1, 1))
        else:
            wide, high = room(ax)
            scale = min(wide / WIDTH, high / (top - low))
            if scale < SMALLEST:
                raise QlkitError(
                    f"ax is too small for the muscle: {wide / 72:.1f} by {high / 72:.1f} inches. It reads well at "
                    f"{WIDTH / 72:.1f} by {(top - low) / 72:.1f} inches; leave ax out to get a figure of that size"
                )
        pen = _Pen(ax, scale)
        _bones(pen, data)
        for layer in data["layers"] if layers else ():
            pen.strips(layer, {name: f.ends for name, f in fascicles().items() if f.layer == layer})
        if not layers:
            places = data["places"]
            ring = [point for place in data["muscle"] for point in places[place][:: 1 if place[0] == "I" else -1]]
            pen.patch(_both(ring), "muscle", False, ec=FIBRE)
            pen.lines([f.ends for f in fascicles().values() if f.above != "T12"], FIBRE, 0.7, "muscle")
        left, y = MARGIN - WIDTH / 2, top - MARGIN
        for n, (layer, lines, size, weight, height) in enumerate(laid):
            y = BOTTOM if n == 2 else y
            if layer:
                pen.strips(layer, {f"sample_{layer}": [(left, y - 6), (left + SAMPLE - 6, y - 6)]})
            pen.text(left + SAMPLE * bool(layer), y, "\n".join(lines), size, va="top", weight=weight)
            y -= height
        for level, (y, size, _) in data["levels"].items():
            pen.text(0, y - 6 * size, level, LEVEL, ha="center")
        for text, (x, y), *target in data["labels"] if attachments else ():
            pen.text(x, y, text, LABEL, *target, ha=("left" if x < 0 else "right") if target else "center")
        for side, x in ("left", left), ("right", -left):
            pen.text(x, BOTTOM + 10, f"{side} side", TEXT, weight="bold", ha=side)
        for x0, y0, x1, y1, bend in known[actions]["arrows"] if actions else ():
            shape = {"arrowstyle": "simple", "connectionstyle": f"arc3,rad={bend}", "mutation_scale": 25 * scale}
            shape |= {"fc": INK, "ec": "white", "lw": scale, "shrinkA": 0, "shrinkB": 0}
            ax.annotate("", (x1, y1), (x0, y0), arrowprops=shape, zorder=11)
        ax.set(xlim=(-WIDTH / 2, WIDTH / 2), ylim=(low, top), aspect="equal")
        ax.axis("off")
    return ax


def describe_ql() -> str:
    """Say in words what the picture of the muscle shows, what books say of it, and where they differ.

    Examples
    --------
    >>> print(describe_ql().splitlines()[0][:35])
    The quadratus lumborum from behind:
    """
    data = _data()
    layers = [("Layer", "A side", "Fascicles, named place below to place above")]
    layers += [(key, str(len(part["fascicles"])), ", ".join(part["fascicles"])) for key, part in data["layers"].items()]
    lines = [data["words"]]
    for cells in (layers, [("On", "Statement", "Class", "Source", "Status"), *data["facts"]]):
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines += ["", *("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)]
    return "\n".join([*lines, "", data["classes"], data["strips"]])
