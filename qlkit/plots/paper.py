"""What the pictures of time share: a sheet laid out in points, and then put onto an Axes.

Everything is worked out before anything is drawn, from the widths of the letters alone, so that a
layout needs no renderer and comes out the same in every file format.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from qlkit.errors import QlkitError
from qlkit.plan import clock
from qlkit.plots.style import COLORS, INK, MUTED, style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    Point = tuple[float, float]

WIDTH = 8.0 * 72
"""Points; at its natural size a picture fits a notebook cell, with letters as big as the text around it."""

SIDE = 26.0
"""Points left free beside the time axis, so that its first and last label have room."""

SMALL, LANES = 9.5, 5
"""Size of small letters; most lines of notes beneath a bar."""

SPACING = 1.2
HATCHES = {"move": "/////", "planned": "\\\\\\\\\\", "pause": "xxxxx"}
"""The hatch says the same as the colour, to those who don't see it."""

_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
_SCALES = (1.0, 0.85, 0.7, 0.6)


@lru_cache(4096)
def _letter(letter: str, bold: bool) -> tuple[float, float, float]:
    """Return advance, ascent and descent of a letter one point high."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=100, weight="bold" if bold else "normal")
    width, height, descent = text_to_path.get_text_width_height_descent(f"|{letter}|", font, False)
    edges = text_to_path.get_text_width_height_descent("||", font, False)[0]
    return (width - edges) / 100, (height - descent) / 100, descent / 100


def width_of(text: str, points: float, bold: bool = False) -> float:
    """Return the width of one line in points, with a little to spare for how a screen rounds it."""
    return 1.02 * points * sum(_letter(letter, bold)[0] for letter in text) + 1


def height_of(lines: Sequence[str], points: float, bold: bool = False, spacing: float = SPACING) -> float:
    """Return the height in points of lines of text."""
    height = 1.0
    for i, line in enumerate(lines):
        parts = [_letter(letter, bold) for letter in {*line, "l", "p"}]
        ascent, descent = (max(part[k] for part in parts) for k in (1, 2))
        height += points * (ascent * (spacing if i else 1) + descent)
    return height


def wrap(text: str, points: float, width: float, bold: bool = False, cut: bool = True) -> list[str]:
    """Break a text at spaces into lines of at most ``width`` points.

    A word too long for a line is cut; where it may not be, nothing is returned.
    """
    words = re.split(r"[ \t\r\n]+", text.strip())  # not at a no-break space
    if width_of(whole := " ".join(words), points, bold) <= width:  # as most do: no need to measure word by word
        return [whole]
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        if width_of(longer, points, bold) <= width:
            line = longer
            continue
        lines += [line] if line else []
        while len(word) > 1 and width_of(word, points, bold) > width:
            if not cut:
                return []
            end = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or width_of(word[:n], points, bold) <= width)
            lines.append(word[:end])
            word = word[end:]
        line = word
    return [*lines, line]


class Sheet:
    """A picture of time being laid out: points across from time 0, points down from the top.

    ``left`` and ``right`` are the points kept free beside the time axis, ``total`` its seconds.
    """

    def __init__(self, wide: float, total: float, left: float = SIDE, right: float = SIDE) -> None:
        self.left, self.right, self.total = left, right, total
        self.width = max(wide - left - right, 60.0)
        self.scale = self.width / total
        self.height = 0.0
        self._calls: list[Callable[[Axes, float], Any]] = []

    def text(self, x: float, y: float, lines: str | Sequence[str], points: float, **how: Any) -> None:
        """Write lines of text, by default downwards and to the right of a point."""
        text = lines if isinstance(lines, str) else "\n".join(lines)
        # Titles come from files of users: a $ or _ in them is no formula.
        how = {"va": "top", "color": INK, "linespacing": SPACING, "parse_math": False, "in_layout": False, **how}
        self._calls.append(lambda ax, k: ax.text(x / self.scale, y, text, fontsize=points * k, **how))

    def line(self, points: Sequence[Point], color: str, width: float = 1.0, **how: Any) -> None:
        """Draw a line through points."""
        xs, ys = [x / self.scale for x, _ in points], [y for _, y in points]
        how = {"solid_capstyle": "butt", "marker": "", "ls": "-", **how}
        self._calls.append(lambda ax, k: ax.plot(xs, ys, color=color, lw=width * k, **how))

    def bars(self, kind: str, spans: Sequence[Point], y: float, height: float, **how: Any) -> None:
        """Draw bars of one kind, each from a second on for some seconds, in the colour of that kind."""
        paths: dict[float, list[Point]] = {}
        for begin, length in spans:
            end, low = begin + length, y + height
            # A white edge parts neighbours; it must not eat up a bar that is only a hair wide.
            path = paths.setdefault(round(min(1.2, length * self.scale / 8), 2), [])
            path += [(begin, y), (end, y), (end, low), (begin, low), (begin, y)]
        how = {"facecolors": COLORS[kind], "edgecolors": "white", "gid": kind, "hatch": HATCHES.get(kind), **how}

        def bars(ax: Axes, _: float) -> None:
            from matplotlib.collections import PathCollection
            from matplotlib.path import Path

            # Bars with the same edge are one path, which is written quicker than one for each.
            codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
            made = [Path(path, codes * (len(path) // 5)) for path in paths.values()]
            ax.add_collection(PathCollection(made, linewidths=list(paths), **how), autolim=False)

        self._calls.append(bars)

    def axis(self, y: float, begin: int | None, kinds: Sequence[str]) -> float:
        """Draw the axis of time, and beneath it what the colours mean; return where that ends."""
        ticks, write = time_ticks(self.total, self.width, begin)
        labels, top = [write(tick) for tick in ticks], y

        def axis(ax: Axes, k: float) -> None:
            spine = ax.spines["bottom"]
            spine.set(color=MUTED, lw=0.8 * k)
            spine.set_position(("data", top))
            spine.set_bounds(0, self.total)
            ax.set_xticks(ticks, labels)
            ax.tick_params("x", labelsize=SMALL * k, length=4 * k, pad=3 * k, color=MUTED, labelcolor=INK)

        self._calls.append(axis)
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
        ax.set(xlim=(-sheet.left / sheet.scale, sheet.total + sheet.right / sheet.scale), yticks=[])
        ax.set(ylim=(sheet.height + edge, -edge), autoscale_on=False)
        ax.spines[["left", "right", "top"]].set_visible(False)
        for call in sheet._calls:
            call(ax, scale)
    return ax


@dataclass
class Note:
    """A text beneath a bar: what it points at, where it begins and in which line it stands."""

    text: str
    x: float
    width: float
    left: float = 0.0
    lane: int = 0


def in_lanes(notes: list[Note], width: float) -> bool:
    """Put notes into lines beneath a bar so that none meets another or its leader line, if that can be done."""
    tries = iter(range(400))

    def place(k: int) -> bool:
        if k == len(notes):
            return True
        note = notes[k]
        # The leader meets the text near its left end, its middle or its right end.
        lefts = [note.x - 3 - side * (note.width - 6) for side in (0, 0.5, 1)]
        for lane, left in product(range(LANES), lefts):
            if next(tries, None) is None:
                return False
            note.lane, note.left = lane, min(max(left, 0), width - note.width)
            if not any(_meet(note, other) for other in notes[:k]) and place(k + 1):
                return True
        return False

    return all(note.width <= width for note in notes) and place(0)


def _meet(a: Note, b: Note) -> bool:
    """Whether two notes overlap, or the leader of the lower one runs through the upper one."""
    if a.lane == b.lane:
        return a.left < b.left + b.width + 9 and b.left < a.left + a.width + 9
    upper, lower = (a, b) if a.lane < b.lane else (b, a)
    return upper.left - 4 < lower.x < upper.left + upper.width + 4


def spread(notes: list[Note], width: float) -> None:
    """Move marks apart, in their order; where one line is too short, into several."""
    if not notes:
        return
    size, last = max(note.width for note in notes), len(notes) - 1
    pitch = min(size + 5, (width - size) / max(last, 1))
    wishes = [min(max(n.x - size / 2, k * pitch), width - size - (last - k) * pitch) for k, n in enumerate(notes)]
    low, high = wishes[:1], wishes[-1:]
    for wish in wishes[1:]:
        low.append(max(wish, low[-1] + pitch))
    for wish in wishes[-2::-1]:
        high.append(min(wish, high[-1] - pitch))
    # In both the marks are in order and far enough apart, pushed right in one and left in the other: so is the mean.
    for k, (note, a, b) in enumerate(zip(notes, low, reversed(high), strict=True)):
        note.left, note.lane = (a + b + size - note.width) / 2, k % -int(-(size + 5) // pitch)


def check_axes(ax: object) -> None:
    """Refuse what can't be drawn on: no Axes, or one whose figure is gone."""
    from matplotlib.axes import Axes

    if ax is None:
        return
    if not isinstance(ax, Axes):
        raise QlkitError(f"ax should be an Axes of matplotlib or None, not {ax!r}")
    figure = ax.get_figure(root=True)
    number = getattr(figure, "number", None)
    pyplot = sys.modules.get("matplotlib.pyplot")
    closed = number is not None and pyplot is not None and not pyplot.fignum_exists(number)
    if figure is None or closed or ax not in ax.get_figure(root=False).axes:
        raise QlkitError("ax belongs to a figure that was closed or cleared; make a new one, or leave ax out")


def room(ax: Axes) -> Point:
    """Return the width and the height of an Axes in points, as it will be once it is drawn."""
    figure = ax.get_figure(root=True)
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
    box = ax.get_window_extent()
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi


def clock_start(start: str | None) -> int | None:
    """Return a time of day such as ``14:05`` as seconds since midnight.

    Examples
    --------
    >>> clock_start("14:05")
    50700
    """
    if start is None:
        return None
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", start) if isinstance(start, str) else None
    if not found:
        raise QlkitError(f"start is {start!r}; it should be a time of day such as '14:05'")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def time_ticks(total: float, width: float, begin: int | None) -> tuple[list[float], Callable[[float], str]]:
    """Return where a time axis is marked and how a mark is written.

    Marks stand at round times, as close as their labels allow. With ``begin``, the seconds since
    midnight at which time 0 falls, they are times of day.
    """
    longest = clock(total) if begin is None else "00:00" if total > 600 else "00:00:00"
    most = max(width / (width_of(longest, SMALL) + 14), 1)
    step = next((s for s in _STEPS if total / s <= most), 7200 * -int(-total // (7200 * most)))
    first = 0 if begin is None else -begin % step

    def write(seconds: float) -> str:
        if begin is None:
            return clock(seconds)
        minutes, rest = divmod(int(begin + seconds) % 86400, 60)
        return f"{minutes // 60}:{minutes % 60:02}" + f":{rest:02}" * (step < 60)

    return [first + i * step for i in range(int((total - first) // step) + 1)], write
