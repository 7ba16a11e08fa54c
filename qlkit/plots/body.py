"""The body: one pose, or a routine as a strip of poses on one page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qlkit.body import Pose, figure, load_pose
from qlkit.errors import QlkitError
from qlkit.plan import Plan, clock
from qlkit.plots.paper import check_axes, height_of, wrap
from qlkit.plots.style import COLORS, INK, MUTED, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from qlkit.plan import Interval
    from qlkit.routine import Routine

FILL = {"skin": "#B57A50", "hair": "#4A3B33", "top": "#5E8576", "legs": "#3B4A5E", "prop": "#8A93A0"}
FAR = {**FILL, "skin": "#94603C", "top": "#476558", "legs": "#5B6B82"}
"""What lies behind the trunk has a shade of its own, so that two legs stay two, in grey as well."""

HALO = 0.008
"""Metres of white round the arms, which would melt into the trunk otherwise."""

COLUMNS = 6
"""A page has no more of them: beyond that they are too narrow to read."""

MARGIN, GAP, RISE, FOOT, BIGGEST = 36.0, 26.0, 40.0, 8.0, 260.0
"""Points: the edge of a page, the room of an arrow, of a heading, between a floor and the words beneath it, and the
most that a metre of the body takes."""


def plot_pose(pose: Pose | str, ax: Axes | None = None, *, view: str | None = None) -> Axes:
    """Draw a pose on its floor, in metres; where the low back rests on the floor, that is marked.

    Parameters
    ----------
    pose : Pose or str
        A pose, or the key of a built-in one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without one, a new figure (not of pyplot) with the title of the pose.
    view : str, optional
        ``side``, ``slanted`` or ``feet``; without it, the view that shows the pose best.

    Returns
    -------
    matplotlib.axes.Axes
        In the side view, x has metres to the right of the hips and y metres above the floor.

    Examples
    --------
    >>> from qlkit.plots.body import plot_pose
    >>> plot_pose("hook-lying-tilt").get_title(loc="left")
    'Tailbone curled, low back on the floor'
    """
    pose = load_pose(pose) if isinstance(pose, str) else pose
    if not isinstance(pose, Pose):
        raise QlkitError(f"a pose is drawn from a Pose or the key of one, not from {pose!r}")
    drawn = figure(pose, view)
    check_axes(ax)
    x0, y0, x1, y1 = drawn["box"]
    with style():
        if ax is None:
            from matplotlib.figure import Figure

            wide = min(6.5, 6.5 * (x1 - x0) / (y1 - y0))
            high = wide * (y1 - y0 + 0.14) / (x1 - x0)
            lines = wrap(pose.title, 12, wide * 72 - 8, bold=True)
            top = 0.3 + 0.2 * len(lines)
            ax = Figure(figsize=(wide, high + top)).add_axes((0, 0, 1, high / (high + top)))
            ax.set_title("\n".join(lines), parse_math=False, x=4 / (wide * 72))
        _paint(ax, drawn)
        if ax.get_window_extent().width > 3 * ax.get_figure(root=True).dpi:  # a thumbnail has no room for words
            for mark in drawn["marks"]:
                x = (mark["line"][0][0] + mark["line"][1][0]) / 2
                ax.text(x, -0.03, f"{mark['name']} on the floor", size=9, ha="center", va="top", color=COLORS["hold"])
        ax.set(xlim=(x0 - 0.02, x1 + 0.02), ylim=(y0 - 0.12, y1 + 0.02), aspect="equal")
        ax.axis("off")
    return ax


def _paint(ax: Axes, drawn: dict, scale: float = 1.0, x: float = 0.0, y: float = 0.0) -> None:
    """Draw a figure of ``qlkit.body`` with its origin at a point, so many units of the Axes to the metre."""
    import numpy as np
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    def patch(rings: list, gid: str, layer: int, smooth: bool = True, grown: float = 0.0, **how: Any) -> None:
        paths = []
        for ring in rings:
            points = np.array(ring)
            if grown:  # every ring goes round in even steps of direction, so it grows along these
                angles = 2 * np.pi * np.arange(len(points)) / len(points)
                points = points + grown * np.column_stack([np.cos(angles), np.sin(angles)])
            points = points * scale + (x, y)
            middles = (points + np.roll(points, -1, axis=0)) / 2
            curve = np.column_stack([points, middles]).reshape(-1, 2)
            curved = Path([middles[-1], *curve], [Path.MOVETO] + [Path.CURVE3] * len(curve))
            paths.append(curved if smooth else Path([*points, points[0]], closed=True))
        if paths:  # not add_patch: that measures every curve for limits which are set anyway
            ax.add_artist(PathPatch(Path.make_compound_path(*paths), gid=gid, zorder=layer, **how))

    for layer, limb in enumerate(drawn["limbs"], 2):
        if limb["halo"]:
            rings = [ring for part in limb["parts"] for ring in part["rings"]]
            patch(rings, "halo", layer, grown=HALO, facecolor="white", linewidth=0)
        for part in limb["parts"]:
            color = (FAR if limb["far"] else FILL)[part["role"]]
            patch(part["rings"], limb["name"], layer, part["smooth"], facecolor=color, linewidth=0)
    last = 8 if drawn["view"] == "side" else 1  # a line beneath the body, or a mat behind it
    patch([drawn["floor"]], "floor", last, False, fill=False, edgecolor=MUTED, linewidth=1.0)
    for mark in drawn["marks"]:
        (x0, y0), (x1, y1) = ([x + scale * px, y + scale * py] for px, py in mark["line"])
        line = {"color": COLORS["hold"], "linewidth": 3.5, "solid_capstyle": "butt", "marker": ""}
        ax.plot([x0, x1], [y0, y1], gid=mark["name"], zorder=9, **line)


@dataclass(frozen=True)
class Panel:
    """A pose with the words above and beneath it, each as (text, size, bold)."""

    drawn: dict | None
    above: list[tuple[str, float, bool]]
    beneath: list[tuple[str, float, bool]]
    known: dict[tuple[str, float], float] = field(default_factory=dict)
    """Heights that were worked out before, since many layouts are tried."""

    def lines(self, part: str, width: float) -> list[tuple[list[str], float, bool, float]]:
        """Return each text wrapped to a column, with its size, weight and the height in points that it takes."""
        wrapped = [(wrap(text, size, width, bold), size, bold) for text, size, bold in getattr(self, part)]
        # A screen rounds the height of every line, so each gets a point to spare.
        return [(lines, size, bold, height_of(lines, size, bold) + 2 + len(lines)) for lines, size, bold in wrapped]

    def high(self, part: str, width: float) -> float:
        """Return the height in points that the words take in a column."""
        if (part, width) not in self.known:
            self.known[part, width] = sum(high for *_, high in self.lines(part, width))
        return self.known[part, width]

    def write(self, ax: Axes, part: str, x: float, y: float, width: float) -> None:
        """Write the words downwards from a point."""
        for lines, size, bold, high in self.lines(part, width):
            weight = "bold" if bold else "normal"
            ax.text(x, y, "\n".join(lines), size=size, weight=weight, va="top", linespacing=1.2, parse_math=False)
            y -= high


def plot_storyboard(routine_or_plan: Routine | Plan, portrait: bool = False) -> Figure:
    """Draw a routine or a plan as poses in reading order on one page of A4.

    Parameters
    ----------
    routine_or_plan : Routine or Plan
        A routine is drawn with every hold at its shortest.
    portrait : bool
        Whether the page stands upright.

    Returns
    -------
    matplotlib.figure.Figure
        A new figure, not of pyplot.

    Examples
    --------
    >>> import qlkit
    >>> from qlkit.plots.body import plot_storyboard
    >>> plot_storyboard(qlkit.load_routine("labor")).axes[0].texts[0].get_text()
    'After strenuous labor'
    """
    from matplotlib.figure import Figure

    plan = routine_or_plan if isinstance(routine_or_plan, Plan) else getattr(routine_or_plan, "plan", lambda: None)()
    if not isinstance(plan, Plan):
        raise QlkitError(f"a storyboard is drawn of a routine or a plan, not of {routine_or_plan!r}")
    width, height = (595.0, 842.0) if portrait else (842.0, 595.0)
    wide = width - 2 * MARGIN
    times = f"{clock(plan.total)} in all, {clock(plan.hold_total)} of it held"
    head = Panel(None, [(plan.title, 18, True), (times, 10.5, False), *((c, 8.5, False) for c in plan.cautions)], [])
    with style():
        page = Figure(figsize=(width / 72, height / 72))
        ax = page.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
        ax.axis("off")
        head.write(ax, "above", MARGIN, height - MARGIN, wide)
        top = height - MARGIN - head.high("above", wide) - 12
        draw_panels(ax, *panels(plan), top, MARGIN, (0.23 if portrait else 0.34) * height)
    return page


def panels(plan: Plan) -> tuple[list[Panel], list[Panel]]:
    """Return what a storyboard shows of a plan: its holds, and the stages of its rise."""
    return _holds(plan), [_stage(i) for i in plan.intervals if i.kind == "move" and i.rises]


def draw_panels(ax: Axes, holds: list[Panel], stages: list[Panel], top: float, low: float, rise: float) -> float:
    """Draw a storyboard into the part of a page between two heights, its rise at most so high; return where it ends.

    The page is an Axes in points; what is drawn is as wide as the page without its margins.
    """
    width = ax.get_xlim()[1]
    wide = width - 2 * MARGIN
    if holds:
        room = top - low - (rise + RISE if stages else 0)
        top = _lay(ax, holds, top, room, wide, most(holds, room, wide)[1])
    if stages:
        top -= 16
        ax.plot([MARGIN, width - MARGIN], [top, top], color=MUTED, linewidth=0.8, marker="")
        ax.text(MARGIN, top - 6, "Then get up in stages", size=10.5, weight="bold", va="top")
        top = _lay(ax, stages, top - 24, rise, wide, most(stages, rise, wide)[1])
    return top


def most(panels: list[Panel], room: float, wide: float) -> tuple[float, int]:
    """Return how many points a metre of the body may take in such a space, and in how many columns it does."""
    return max((_scale(panels, room, wide, n)[0], n) for n in range(1, min(len(panels), COLUMNS) + 1))


def _holds(plan: Plan) -> list[Panel]:
    """Return a panel for each hold; what is moved before it stands in its first line."""
    panels, moves = [], []
    for i in plan.intervals:
        if i.kind == "move":
            moves.append(f"\N{RIGHTWARDS ARROW} {i.title}, {clock(i.seconds)}")
            continue
        marks = ", or longer" * i.open_ended + ", optional" * i.optional
        when = f"{clock(i.start)} to {clock(i.end)}, {clock(i.seconds)} long{marks}"
        above = [("  ".join(moves) or " ", 9, False), (i.name, 12, True), (when, 9.5, False)]
        sentence = i.focus or i.text.partition(". ")[0].removesuffix(".") + "."
        panels.append(Panel(figure(load_pose(i.pose)), above, [(sentence, 10.5, False)]))
        moves = []
    return panels


def _stage(i: Interval) -> Panel:
    return Panel(
        figure(load_pose(i.pose)), [], [(i.title, 9, True), (clock(i.start), 8.5, False), (i.text, 8.5, False)]
    )


def _scale(panels: list[Panel], room: float, wide: float, columns: int) -> tuple[float, ...]:
    """Return points to the metre; the width of a panel; the heights above and beneath its picture, and of its row."""
    column = (wide - GAP * (columns - 1)) / columns
    row = room / -(-len(panels) // columns)
    above, beneath = (max(panel.high(part, column) for panel in panels) for part in ("above", "beneath"))
    boxes = [panel.drawn["box"] for panel in panels]
    scales = (min(column / (x1 - x0), (row - above - beneath - FOOT - 10) / (y1 - y0)) for x0, y0, x1, y1 in boxes)
    return min(*scales, BIGGEST), column, above, beneath, row


def _lay(ax: Axes, panels: list[Panel], top: float, room: float, wide: float, columns: int) -> float:
    """Draw panels in rows downwards, with an arrow from each to the next; return where they end."""
    scale, column, above, beneath, row = _scale(panels, room, wide, columns)
    if scale < 20:
        raise QlkitError(f"{len(panels)} steps are more than fit on one page; leave some out, or draw two plans")
    tall = max(scale * (panel.drawn["box"][3] - panel.drawn["box"][1]) for panel in panels)
    row = min(row, above + tall + FOOT + beneath + 30)
    for n, panel in enumerate(panels):
        x, y = MARGIN + n % columns * (column + GAP), top - n // columns * row
        x0, y0, *_ = panel.drawn["box"]
        floor = y - above - tall
        panel.write(ax, "above", x, y, column)
        _paint(ax, panel.drawn, scale, x - scale * x0, floor - scale * y0)
        panel.write(ax, "beneath", x, floor - FOOT, column)
        if n % columns:
            arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.2}
            ax.annotate("", (x - 4, floor + tall / 3), (x - GAP + 4, floor + tall / 3), arrowprops=arrow)
    return floor - FOOT - beneath
