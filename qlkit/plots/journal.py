"""The journal: which days, how many minutes a week, and each step as planned and as done."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from qlkit.errors import QlkitError
from qlkit.journal import Journal
from qlkit.plots.paper import SMALL, WIDTH, check_axes, height_of, room, width_of, wrap
from qlkit.plots.style import COLORS, INK, MUTED, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME, LEFT, WIDE = 10.0, 48.0, WIDTH - 92
"""Points: size of names, and where the panels begin and how wide they are; beside them, axes have their labels."""

BLOCK, BLOCKS, CELL = 53, 2, 22.0
"""Weeks in a block of the calendar, the most blocks (about two years), and the largest square of a day in points."""

LEVELS = ((0, 0.35, "under 10"), (10, 0.55, "10 to 19"), (20, 0.75, "20 to 39"), (40, 0.95, "40 or more"))
"""From how many minutes a day on; how dark its square is, and as long; what is said of it."""

FAINT = "#E1E5EA"
STEPS, BARS, FEWEST = 6, 106, 8
"""Most steps, most bars beside each other, and the fewest weeks that an axis spans."""


def plot_journal(journal: Journal, ax: Axes | None = None) -> Figure | Axes:
    """Draw the sessions of a journal: a calendar, the minutes a week, and each step over time.

    Days and weeks are those of this machine's time zone; weeks begin on Monday. Minutes are those
    that counted, without pauses. A bar stands for a week, or where there are many, for several.

    Parameters
    ----------
    journal : Journal
        With one session or more.
    ax : matplotlib.axes.Axes, optional
        Where to draw the minutes a week, and nothing else.

    Returns
    -------
    matplotlib.figure.Figure or matplotlib.axes.Axes
        A new figure (not of pyplot) with all three, or the Axes that was given.

    Examples
    --------
    >>> import qlkit
    >>> plan = qlkit.load_routine("sitting").plan()
    >>> journal = qlkit.Journal(":memory:")
    >>> id = journal.add(qlkit.Record(plan, [qlkit.Event("start", 1.8e9), qlkit.Event("stop", 1.8e9 + 240)]))
    >>> figure = qlkit.plot_journal(journal)
    """
    if not isinstance(journal, Journal):
        raise QlkitError(f"plot_journal draws a Journal, not {journal!r:.60}")
    check_axes(ax)
    past = _Past(journal.rows())
    with style():
        if ax is None:
            return _draw_all(past)
        _draw_weeks(ax, past, room(ax)[0])
        ax.set_ylabel(past.weekly)
        return ax


class _Past:
    """What the picture needs of the rows: minutes by day and by bar; and by step and bar, those planned and done.

    Days are numbered as by ``date.toordinal``, weeks from the first Monday of that calendar, bars
    from the first week there is. A bar has ``size`` weeks, an axis ``span``.
    """

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            raise QlkitError(
                "this journal is empty, so there is nothing to draw yet; Journal.add keeps a session in it"
            )
        day = cache(lambda at: at.astimezone().toordinal())
        self.first, self.last = ((day(row["started"]) - 1) // 7 for row in (rows[0], rows[-1]))
        self.weeks = self.last - self.first + 1
        self.size = next((size for size in (1, 2, 4, 13, 26) if self.weeks / size <= BARS), -(-self.weeks // BARS))
        self.span = max(FEWEST, -(-self.weeks // self.size) * self.size)
        self.weekly = "Minutes a week" + f", mean of {self.size} weeks" * (self.size > 1)
        self.days: Counter[int] = Counter()
        self.bars: Counter[int] = Counter()
        self.steps: dict[tuple[str, str], dict[int, list[tuple[float, float]]]] = {}
        self.names: dict[tuple[str, str], str] = {}
        for row in rows:
            minutes, today = row["actual"] / 60, day(row["started"])
            bar = ((today - 1) // 7 - self.first) // self.size
            self.days[today] += minutes
            self.bars[bar] += minutes / min(self.size, self.weeks - bar * self.size)  # the last may have just begun
            if row["kind"] == "hold":
                key = row["title"], row["step"]
                self.names[key] = row["name"]
                self.steps.setdefault(key, {}).setdefault(bar, []).append((row["planned"] / 60, minutes))


def _monday(week: int) -> date:
    return date.fromordinal(7 * week + 1)


def _draw_all(past: _Past) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure()
    page = figure.add_axes((0, 0, 1, 1))  # in points, from the upper left corner
    page.axis("off")
    y = _draw_calendar(page, past, 10)
    y = _write(page, 10, y + 14, past.weekly, NAME + 1, weight="bold") + 12
    placed = [(figure.add_axes((0, 0, 1, 1)), y, 96)]
    _draw_weeks(placed[0][0], past, WIDE)
    y += 96 + 40
    chosen = sorted(past.steps, key=lambda key: -sum(map(len, past.steps[key].values())))[:STEPS]
    more = f"; the {STEPS} most frequent of {len(past.steps)} steps" * (len(past.steps) > STEPS)
    said = f"Minutes of each step: done (bar) and planned (line), mean of a session{more}"
    y = _write(page, 10, y, said, NAME + 1, weight="bold") + 4
    for key in (key for key in past.steps if key in chosen):
        among = list(past.names.values()).count(past.names[key])  # another routine may name a step the same
        y = _write(page, LEFT, y + 6, past.names[key] + f" ({key[0]})" * (among > 1), SMALL) + 6
        placed.append((figure.add_axes((0, 0, 1, 1)), y, 40))
        _draw_step(placed[-1][0], past, past.steps[key])
        y += 40
    _mark_dates(placed[-1][0], past, WIDE)
    y += 30
    figure.set_size_inches(WIDTH / 72, y / 72)
    page.set(xlim=(0, WIDTH), ylim=(y, 0))
    for ax, top, high in placed:
        ax.set_position((LEFT / WIDTH, 1 - (top + high) / y, WIDE / WIDTH, high / y))
    return figure


def _write(page: Axes, x: float, y: float, text: str, size: float, **how: Any) -> float:
    """Write a text, in as many lines as it needs, and return where it ends."""
    lines = wrap(text, size, WIDTH - 10 - x, bold="weight" in how)
    page.text(x, y, "\n".join(lines), fontsize=size, va="top", parse_math=False, linespacing=1.2, **how)
    return y + height_of(lines, size, bold="weight" in how)


def _draw_calendar(page: Axes, past: _Past, y: float) -> float:
    """Draw the days as squares, a column a week, and return where that ends."""
    from matplotlib.colors import to_rgb

    shown = min(past.weeks, BLOCK * BLOCKS)
    cell = min(CELL, WIDE / min(shown, BLOCK))
    numbers = cell >= 18
    cut = f", the latest {shown} of {past.weeks} weeks" * (shown < past.weeks)
    y = _write(page, 10, y, "Minutes a day" + cut, NAME + 1, weight="bold") + 6
    grid: list[tuple[float, float, int]] = []
    for start in range(past.last + 1 - shown, past.last + 1, BLOCK):
        columns = range(start, min(start + BLOCK, past.last + 1))
        free = 0.0
        for x, week in ((LEFT + k * cell, week) for k, week in enumerate(columns)):
            monday, new = _monday(week), week == start or _monday(week).month != _monday(week - 1).month
            label = f"{monday:%b %Y}" if week == start or monday.month == 1 else f"{monday:%b}"
            if new and x >= free:
                page.text(x, y, label, fontsize=SMALL, va="top", color=MUTED)
                free = x + width_of(label, SMALL) + 5
            grid += [(x + cell / 2, y + 16 + (k + 0.5) * cell, 7 * week + 1 + k) for k in range(7)]
        for k, name in ((0, "Mon"), (2, "Wed"), (4, "Fri")):
            middle = y + 16 + (k + 0.5) * cell
            page.text(LEFT - 6, middle, name, fontsize=SMALL, va="center", ha="right", color=MUTED)
        y += 16 + 7 * cell + 10
    squares = [(x, top, past.days[day]) for x, top, day in grid if day in past.days]
    page.scatter(*zip(*[each[:2] for each in grid], strict=True), s=(0.88 * cell) ** 2, marker="s", c=FAINT, lw=0)
    for (low, amount, said), x in zip(LEVELS, (LEFT + 105 * k for k in range(4)), strict=True):
        if not numbers:  # what the squares mean, beneath them
            squares.append((x + cell / 2, y + 6, low))
            page.text(x + cell + 4, y + 6, said, fontsize=SMALL, va="center", color=MUTED)
        level = [each for each in squares if _level(each[2]) == amount]
        side = (0.88 if numbers else amount) * cell
        if level:
            places = zip(*[each[:2] for each in level], strict=True)
            shade = tuple(1 - amount * (1 - part) for part in to_rgb(COLORS["actual"]))
            page.scatter(*places, s=side**2, marker="s", color=[shade], lw=0, gid="day")
    for x, top, minutes in squares if numbers else ():
        color = "white" if _level(minutes) == LEVELS[-1][1] else INK
        page.text(x, top, f"{minutes:.0f}", fontsize=8, va="center", ha="center", color=color)
    return y if numbers else y + 16


def _level(minutes: float) -> float:
    return next(amount for low, amount, _ in reversed(LEVELS) if minutes >= low)


def _draw_weeks(ax: Axes, past: _Past, wide: float) -> None:
    """Draw the minutes a week as bars."""
    bars = _bars(ax, past, past.bars, "week")
    if wide / past.span * past.size >= 26:
        ax.bar_label(bars, fmt="%.0f", fontsize=SMALL)
    ax.set_ylim(0, 1.2 * max(*past.bars.values(), 1.0))
    _mark_dates(ax, past, wide)


def _draw_step(ax: Axes, past: _Past, minutes: dict[int, list[tuple[float, float]]]) -> None:
    """Draw one step: what was done as bars, what was planned as a line across each."""
    means = {bar: [sum(each) / len(pairs) for each in zip(*pairs, strict=True)] for bar, pairs in minutes.items()}
    planned, done = zip(*means.values(), strict=True)
    _bars(ax, past, dict(zip(means, done, strict=True)), "actual")
    for color, width, gid in (("white", 3.6, None), (COLORS["planned"], 1.8, "planned")):
        ends = ([(bar + end) * past.size for bar in means] for end in (0, 0.92))
        ax.hlines(planned, *ends, color=color, lw=width, gid=gid)
    ax.set_ylim(0, 1.2 * max(*planned, *done, 0.1))
    ax.tick_params("x", length=0, labelbottom=False)
    ax.locator_params("y", nbins=2)


def _bars(ax: Axes, past: _Past, heights: dict[int, float], gid: str) -> Any:
    lefts = [bar * past.size for bar in heights]
    ax.set_xlim(0, past.span)
    ax.tick_params(labelsize=SMALL, color=MUTED)
    look = {"color": COLORS["actual"], "edgecolor": "white", "linewidth": 0.3, "gid": gid}
    return ax.bar(lefts, list(heights.values()), 0.92 * past.size, align="edge", **look)


def _mark_dates(ax: Axes, past: _Past, wide: float) -> None:
    """Write dates beneath an axis, as close as they have room."""
    need = -(-(width_of("28 Sep 2026", SMALL) + 10) * past.span // wide)
    step = int(next((step for step in (1, 2, 4, 8, 13, 26) if step >= need), -(-need // 52) * 52))
    marks = range(0, past.span + 1, step)
    days = [_monday(past.first + mark) for mark in marks]
    ax.set_xticks(marks, [f"{day.day} {day:%b %Y}" for day in days])
    ax.tick_params("x", length=3.5, labelbottom=True)
