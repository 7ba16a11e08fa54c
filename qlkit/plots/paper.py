"""What all pictures share: how wide and how high words are, where they break, and where they have room.

Everything is worked out before anything is drawn, from the widths of the letters alone, so that a
layout needs no renderer and comes out the same in every file format.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from qlkit.errors import QlkitError
from qlkit.plan import clock

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
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


@lru_cache(4096)
def _letter(letter: str, bold: bool) -> tuple[float, float, float]:
    """Return advance, ascent and descent of a letter one point high."""
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=100, weight="bold" if bold else "normal")
    if not get_font(findfont(font)).get_char_index(ord(letter)):  # a browser has it, in the width of its script
        return 1.0 if east_asian_width(letter) in "WF" else 0.6, 0.76, 0.24
    width, height, descent = text_to_path.get_text_width_height_descent(f"|{letter}|", font, False)
    edges = text_to_path.get_text_width_height_descent("||", font, False)[0]
    return (width - edges) / 100, (height - descent) / 100, descent / 100


def advance(text: str, points: float, bold: bool = False) -> float:
    """Return how far one line of text goes, in points."""
    return points * sum(_letter(letter, bold)[0] for letter in text)


def width_of(text: str, points: float, bold: bool = False) -> float:
    """Return the width of one line in points, with a little to spare for how a screen rounds it."""
    return 1.02 * advance(text, points, bold) + 1


def height_of(lines: Sequence[str], points: float, bold: bool = False) -> float:
    """Return the height in points of lines of text."""
    return 1.0 + baselines(lines, points, bold)[1]


def baselines(lines: Sequence[str], points: float, bold: bool = False) -> tuple[list[float], float]:
    """Return how far below the top of a text each of its lines stands, and where it ends."""
    found, y = [], 0.0
    for i, line in enumerate(lines):
        parts = [_letter(letter, bold) for letter in {*line, "l", "p"}]
        ascent, descent = (max(part[k] for part in parts) for k in (1, 2))
        found.append(y + points * ascent * (SPACING if i else 1))
        y = found[-1] + points * descent
    return found, y


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

    # More than all lines can hold is not tried.
    fits = sum(note.width + 9 for note in notes) <= LANES * (width + 9)
    return fits and all(note.width <= width for note in notes) and place(0)


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
