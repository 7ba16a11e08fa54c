"""Measured figures as pictures, each with its origin, its uncertainty and its limits inside the picture.

A picture is laid out in points from its upper left corner, and then drawn in any size with all in proportion.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path

from matplotlib import rc_context, rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from qlkit.errors import QlkitError
from qlkit.evidence import READ, Evidence, Group, Row, load_evidence
from qlkit.plots.paper import SPACING, check_axes, height_of, width_of, wrap
from qlkit.plots.style import INK, MUTED, style
from qlkit.sources import CLASSES

CLASS_LOOKS = {
    "M": ("#2F3E8C", "o", "", "●"),
    "Mod": ("#A3195B", "D", "///", "◆"),
    "G": ("#1A8F86", "s", "xxx", "■"),
    "P": ("#2E2018", "p", "---", "⬟"),
    "T": ("#75701A", "^", "...", "▲"),
}
"""For each class of evidence: colour, marker of a dot, hatch of a bar, the marker as a letter."""

WIDTH, MARGIN = 390.0, 11.0
"""Points: a picture with its own figure is narrow, so that it can be read on a phone and enlarged on a screen."""

TITLE, NAME, TEXT, SMALL, CAUTION = 12.5, 10.0, 9.5, 8.2, 8.6
"""Sizes of letters in points."""

SCALED = r"^(axes|grid|hatch|lines|patch)\.linewidth|^lines\.markersize|tick\.major\.(size|pad)"
"""Which settings of matplotlib grow with the letters."""


class _Panel:
    """The scale of a group. A ``run`` shares one, with its reference named above the first, its axis below the last."""

    def __init__(self, group: Group, run: list[Group], left: float, width: float) -> None:
        self.group, self.left, self.width, self.last = group, left, width, group is run[-1]
        self.top = self.height = self.ceiling = 0.0
        self.centers: list[float] = []  # of the rows, from its top
        ends = [float(tick) for each in run for tick in each.ticks]
        ends += [float(end) for each in run if not each.curve for row in each.rows for end in row.reach]
        low, high = min(ends), max(ends)
        rim = 0.04 * (high - low)
        self.ends = (0 if low == 0 and group.mark == "bar" else low - rim), high + rim
        if group.log:
            self.ends = low / 1.08, high * 1.08

    def x(self, number: Decimal) -> float:
        """Return where a number stands on the page."""
        low, high, at = (math.log(each) if self.group.log else float(each) for each in (*self.ends, number))
        return self.left + self.width * (at - low) / (high - low)


class _Page:
    """All words and panels of a picture, in points from its upper left corner; ``fits`` unless a word is too long."""

    def __init__(self, table: Evidence, width: float, columns: Sequence[Sequence[Group]]) -> None:
        self.width, self.fits = width, True
        self.words: list[tuple[float, float, list[str], float, dict[str, str]]] = []
        self.panels: list[_Panel] = []
        y = self.write([table.title], 0, 0, width, TITLE, fontweight="bold")
        top = bottom = self.write([table.takeaway], 0, y + 2, width, TEXT)
        column = (width + 24) / len(columns) - 24
        for place, groups in enumerate(columns):
            y = top
            # Groups with the same axis stand on one scale, written once, below the last of them.
            for _, run in groupby(groups, key=lambda group: (group.axis, group.ticks)):
                run = list(run)
                for group in run:
                    y = self.group(group, run, place * (column + 24), y + 11, column)
            bottom = max(bottom, y)
        y = self.write([_legend(table)], 0, bottom + 10, width, SMALL, color=MUTED)
        self.height = self.write([f"Caution: {table.caveat}"], 0, y + 4, width, CAUTION)

    def write(self, parts: list[str], x: float, y: float, width: float, size: float, **look: str) -> float:
        """Place parts of text, as many in a line as it holds, with their top at ``y``; return where they end."""
        lines, bold = [], "fontweight" in look
        for part in filter(None, parts):
            part = part.replace(" %", "\xa0%")  # a number and its unit stay in one line
            longer = f"{lines[-1]} · {part}" if lines else part
            if lines and width_of(longer, size, bold) <= width:
                lines[-1] = longer
            else:
                broken = wrap(part, size, width, bold, cut=False)
                self.fits &= bool(broken)
                lines += broken
        if not lines:
            return y
        self.words.append((x, y, lines, size, {"color": INK, "va": "top", **look}))
        return y + height_of(lines, size, bold) + 0.12 * size

    def group(self, group: Group, run: list[Group], x: float, y: float, width: float) -> float:
        """Place a heading, the rows, and for the last of a run the axis; return where it ends."""
        y = self.write([group.name], x, y, width, NAME, fontweight="bold")
        origins = [(row.source, row.people, f"[{row.class_}]", row.status.removeprefix(READ)) for row in group.rows]
        # What all rows share is said once, above them; a row then says only what is its own.
        same = len({row.source for row in group.rows}) == 1
        shared = [part for part in origins[0] if same and all(part in origin for origin in origins)]
        own = [[part for part in origin if part not in shared] for origin in origins]
        curve = [f"[{group.curve.class_}] curve: {group.curve.formula}"] if group.curve else []
        y = self.write(shared + curve, x, y, width, SMALL, color=MUTED)
        left, length = (0.08, 0.9) if curve else (0.4, 0.32)
        panel = _Panel(group, run, x + left * width, length * width)
        self.panels.append(panel)
        ticks = [(panel.x(tick), width_of(group.format(tick), SMALL)) for tick in group.ticks]
        self.fits &= all(b - a > (wide + wider) / 2 for (a, wide), (b, wider) in pairwise(ticks))
        if group.reference and group is run[0]:  # its name stands above the line, but not beyond the edge
            number, name = group.reference
            half = width_of(name, SMALL) / 2
            middle = min(max(panel.x(number), x + half), x + width - half)
            y = self.write([name], middle, y, 2 * half, SMALL, color=MUTED, ha="center")
        panel.top = y
        y = self.points(panel, own) if curve else self.rows(panel, own, x, width)
        panel.height = y - panel.top
        if not panel.last:
            return y
        return self.write([group.axis], panel.left, y + 17, x + width - panel.left, SMALL, color=MUTED)

    def rows(self, panel: _Panel, own: list[list[str]], x: float, width: float) -> float:
        """Place rows: what was measured on the left, how much on the right; return where they end."""
        group, y, place, room = panel.group, panel.top, x + 0.75 * width, 0.25 * width
        for row, origin in zip(group.rows, own, strict=True):
            y += 4
            panel.centers.append(y + 0.57 * TEXT - panel.top)
            left = self.write([row.label], x, y, 0.38 * width, TEXT)
            left = self.write([row.detail, *origin], x, left, 0.38 * width, SMALL, color=MUTED)
            right = self.write([group.amount(row)], place, y, room, TEXT, fontweight="bold")
            right = self.write([group.spread(row), row.printed], place, right, room, SMALL, color=MUTED)
            y = max(left, right)
        return y + 4

    def points(self, panel: _Panel, own: list[list[str]]) -> float:
        """Place words beside the points of a curve; return where it ends."""
        group, curve, bottom = panel.group, panel.group.curve, panel.top + 150
        heights = [float(row.value.high) for row in group.rows]
        panel.ceiling = 1.3 * max(curve.at(float(curve.until)), *heights)  # room for words above the last point
        for row, height, origin in zip(group.rows, heights, own, strict=True):
            said = [f"{row.label}: {group.amount(row)}", group.spread(row), *origin, row.detail, row.printed]
            said = [part.replace(" ", "\xa0") for part in said]
            x, y = panel.x(row.minute), bottom - 150 * height / panel.ceiling
            # A curve that rises and flattens leaves room below it early, and above it late.
            if row.minute <= curve.until / 2:
                self.write(said, x + 7, y + 1, panel.left + panel.width - x - 7, SMALL)
            else:
                self.write(said, x, y - 7, x - panel.left, SMALL, ha="right", va="bottom")
            self.fits &= len(self.words[-1][2]) <= 2
        return bottom


def _legend(table: Evidence) -> str:
    """Explain the signs that this picture uses, and no others."""
    rows, curves = table.rows, [group.curve for group in table.groups if group.curve]
    dots = curves or any(group.mark == "dot" for group in table.groups)
    letters = {each.class_ for each in (*rows, *curves)}
    said = [f"{CLASS_LOOKS[c][3] + ' ' if dots else ''}[{c}] {CLASSES[c]}" for c in CLASSES if c in letters]
    kinds = {row.value.kind for row in rows} | {row.spread.kind for row in rows if row.spread}
    signs = {
        "Hollow: as reported by another text": any(row.status != READ for row in rows),
        "Hatched up to a line: a ceiling, the value lies anywhere below": "at_most" in kinds,
        "Arrow: more than this": "more_than" in kinds,
        "Thick line: a range": any(row.value.low != row.value.high for row in rows),
        "SMD: standardised mean difference": any(row.unit == "SMD" for row in rows),
        "HR: hazard ratio": any(row.unit == "HR" for row in rows),
        "CI: confidence interval": "ci" in kinds,
        "±: as printed": "plus_minus" in kinds,
        "No whisker: spread not known": any(not row.spread and row.value.kind == "exact" for row in rows),
    }
    return ". ".join([", ".join(said), *(sign for sign, used in signs.items() if used)]) + "."


def _draw_row(ax: Axes, group: Group, row: Row, y: float) -> None:
    color, _, hatch, _ = CLASS_LOOKS[row.class_]
    low, high, *reach = map(float, (*row.value[1:], *row.reach))
    thin = rcParams["lines.linewidth"]
    if row.value.kind == "at_most":
        ax.barh(y, high, 11, fill=False, hatch="/////", edgecolor=color, linewidth=0)
        ax.vlines(high, y - 8, y + 8, color=color, linewidth=2 * thin)
        return
    if group.mark == "dot" and low == high:
        _draw_dot(ax, row, high, y)
    else:
        begin, thick = (0, 9) if low == high else (low, 6)
        look = {"color": color, "hatch": hatch, "edgecolor": "white", "linewidth": 0}
        hollow = {"color": "white", "edgecolor": color, "linestyle": "--"}
        ax.barh(y, high - begin, thick, left=begin, **(look if row.status == READ else hollow))
    if row.spread:
        line = y + 8 if group.mark == "bar" else y  # below a bar, where it is seen in full
        ax.hlines(line, *reach, color=color)
        ax.vlines(reach, line - 3, line + 3, color=color)
    if row.value.kind == "more_than":
        arrow = {"arrowstyle": "<|-,head_length=0.6,head_width=0.3", "color": color, "linewidth": thin}
        ax.annotate("", (high, y), (2.7, 0), textcoords="offset fontsize", arrowprops=arrow)


def _draw_dot(ax: Axes, row: Row, x: float, y: float) -> None:
    color, marker, *_ = CLASS_LOOKS[row.class_]
    edge = {"markeredgewidth": rcParams["lines.linewidth"], "markerfacecolor": color if row.status == READ else "white"}
    ax.plot(x, y, marker, color=color, clip_on=False, zorder=4, **edge)


def _draw_panel(ax: Axes, panel: _Panel) -> None:
    group, curve = panel.group, panel.group.curve
    if curve:
        minutes = [float(curve.until) * step / 100 for step in range(101)]
        ax.plot(minutes, [curve.at(minute) for minute in minutes], color=CLASS_LOOKS[curve.class_][0])
        ax.set_ylim(0, panel.ceiling)
        ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= 0.95 * panel.ceiling])
        ax.yaxis.set_major_formatter(f"{{x:g}}{curve.unit}")
        ax.tick_params("y", length=0)
        for row in group.rows:
            _draw_dot(ax, row, float(row.minute), float(row.value.high))
    else:
        ax.set(ylim=(panel.height, 0), yticks=[])  # points from the top, as for the words beside it
        ax.spines["left"].set_visible(False)
        ax.grid(axis="x", color="#D9DEE4")
        for row, y in zip(group.rows, panel.centers, strict=True):
            _draw_row(ax, group, row, y)
    if group.reference:
        ax.axvline(float(group.reference[0]), color=MUTED, linestyle="--", zorder=1.5)
    ax.set(xscale="log" if group.log else "linear", xlim=panel.ends)
    ax.set_xticks([float(tick) for tick in group.ticks], [group.format(tick) for tick in group.ticks])
    ax.xaxis.minorticks_off()
    ax.tick_params("x", bottom=panel.last, labelbottom=panel.last)
    ax.spines["bottom"].set_visible(panel.last)


def _fitted(table: Evidence, ax: Axes) -> tuple[_Page, float]:
    """Lay a picture out for an Axes, in one column or two, with the largest letters with which all has its place."""
    check_axes(ax)
    figure = ax.get_figure(root=True)
    if figure.get_layout_engine():  # such as "constrained": it moves the Axes at the first drawing
        figure.get_layout_engine().execute(figure)
    width, height = (72 / figure.dpi * side for side in ax.get_window_extent().size)
    best, small, groups = None, 60, table.groups  # percent of the natural size
    for cut in sorted(range(1, len(groups) + 1), key=lambda cut: abs(2 * cut - len(groups))):
        columns = [part for part in (groups[:cut], groups[cut:]) if part]
        large, percent = 250, small + 1  # to begin with: is this better than the best so far?
        while large - small > 1:
            page = _Page(table, width * 100 / percent, columns)
            if page.fits and page.height <= height * 100 / percent:
                best, small = page, percent
            else:
                large = percent
            percent = (small + large) // 2
    if best is None:
        need = _Page(table, WIDTH, [table.groups]).height / 72
        raise QlkitError(
            f"ax is too small for {table.key!r}: {width / 72:.1f} by {height / 72:.1f} inches. The picture reads well "
            f"at {WIDTH / 72:.1f} by {need:.1f} inches; leave ax out to get a figure of that size"
        )
    best.height = height * 100 / small
    return best, small / 100


def plot_evidence(key: str | Path, ax: Axes | None = None) -> Axes:
    """Draw a table of measured figures, with people, class, source and caution in the picture.

    Parameters
    ----------
    key : str or Path
        One of :func:`qlkit.evidence.evidence_keys`, or the path of a file of the same form.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in letters as large as it holds; without one, a narrow figure as high as the picture needs.

    Returns
    -------
    matplotlib.axes.Axes
        The frame of the whole picture. Each scale in it is an Axes of its own, in ``ax.child_axes``.

    Examples
    --------
    >>> ax = plot_evidence("height-recovery")
    """
    table = load_evidence(key)
    with style():
        if ax is None:
            page, scale = _Page(table, WIDTH, [table.groups]), 1.0
            if not page.fits:
                raise QlkitError(f"{table.key!r} can't be drawn: a word, or a tick label, is too long for its place")
            wide, high = WIDTH + 2 * MARGIN, page.height + 2 * MARGIN
            box = (MARGIN / wide, MARGIN / high, WIDTH / wide, page.height / high)
            ax = Figure((wide / 72, high / 72)).add_axes(box)
        else:
            page, scale = _fitted(table, ax)
        points = Affine2D().scale(1 / page.width, -1 / page.height).translate(0, 1) + ax.transAxes
        letters = dict.fromkeys(("font.size", "xtick.labelsize", "ytick.labelsize"), SMALL * scale)
        with rc_context({name: size * scale for name, size in rcParams.find_all(SCALED).items()} | letters):
            ax.set_axis_off()
            for x, y, lines, size, look in page.words:
                ax.text(x, y, "\n".join(lines), fontsize=size * scale, linespacing=SPACING, transform=points, **look)
            for panel in page.panels:
                box = (panel.left, panel.top, panel.width, panel.height)
                _draw_panel(ax.inset_axes(box, transform=points, facecolor="none"), panel)
    return ax
