"""The timeline: when to do what, as one bar for each plan.

What does not fit into its part of the bar stands beneath with a leader line; where there is no
room for that either, a mark stands there and the words in a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import TYPE_CHECKING

from qlkit.errors import QlkitError
from qlkit.plan import Plan, clock
from qlkit.plots.paper import (
    WIDTH,
    Note,
    baselines,
    check_axes,
    clock_start,
    height_of,
    in_lanes,
    spread,
    width_of,
    wrap,
)
from qlkit.plots.sheet import Sheet, draw
from qlkit.plots.style import INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from qlkit.plan import Interval

TITLE, NOTE, KEY = 13.0, 10.0, 9.5
NAMES = (11.0, 9.0)
"""Sizes of letters in points; the names in the bar have two to choose from."""

MANY = 12
"""Where more moves than this are in the key, their names are left out: each is known by the hold it leads to."""

LINE = 12.5
"""Points from line to line of the key; that's room for letters as tall as É."""

BAR, LANE, GAP = 58.0, 17.0, 20.0
"""Height of a bar, of a line of notes beneath it, of the space between plans."""

CUES = {"chime": ("o", "●"), "voice": ("^", "▲"), "tick": ("|", "|"), "bell": ("D", "◆")}


def plot_timeline(
    plan_or_plans: Plan | Iterable[Plan], ax: Axes | None = None, *, start: str | None = None, cues: bool = False
) -> Axes:
    """Draw one plan, or several beneath each other, as bars along time.

    Parameters
    ----------
    plan_or_plans : Plan or sequence of Plan
        What to draw. Several plans all begin at 0, so that their lengths can be compared.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without one, a new figure (not of pyplot) as high as the picture needs.
    start : str, optional
        A time of day such as ``"14:05"``: the axis then shows clock times.
    cues : bool
        Whether to mark what is heard, and when.

    Returns
    -------
    matplotlib.axes.Axes
        Across it has seconds, and down from its top it has points. The axis of time is part of the picture: what is
        set on ``ax.xaxis``, such as a label, does not show.

    Examples
    --------
    >>> import qlkit
    >>> ax = qlkit.plot_timeline(qlkit.load_routine("labor").plan(minutes=15))
    >>> [label.get_text() for label in ax.get_xticklabels()][:3]
    ['0:00', '2:00', '4:00']
    """
    one = isinstance(plan_or_plans, Plan) or not isinstance(plan_or_plans, Iterable)
    plans = [plan_or_plans] if one else list(plan_or_plans)
    if not plans:
        raise QlkitError("there is no plan to draw; make one with load_routine('labor').plan()")
    for plan in plans:
        if not isinstance(plan, Plan):
            raise QlkitError(f"a timeline is drawn of plans, not of {plan!r}; routine.plan() makes one")
    begin = clock_start(start)
    check_axes(ax)
    return draw(lambda wide, high: timeline_sheet(plans, wide, high, begin, cues), ax)


def timeline_sheet(
    plans: Sequence[Plan], wide: float = WIDTH, high: float = inf, begin: int | None = None, cues: bool = False
) -> Sheet:
    """Lay out the timeline of plans for a width in points; where it would grow higher than ``high``, its key is cut."""
    sheet = Sheet(wide, max(plan.total for plan in plans))
    rows = [_lay_out(plan, sheet) for plan in plans]
    y = 8.0
    for row in rows:
        y = _draw_row(sheet, row, y + GAP * (row is not rows[0]), cues)
    y = sheet.axis(y + 6, begin, ("hold", "move"))
    if cues:
        sheet.text(0, y, "heard:  " + "   ".join(f"{s} {kind}" for kind, (_, s) in CUES.items()), KEY, color=MUTED)
        y += 16
    sheet.height = _draw_key(sheet, rows, y, high) + 10
    return sheet


@dataclass
class _Row:
    """One plan laid out: texts in the bar (by size), notes or marks beneath it, a key to the marks."""

    plan: Plan
    shown: list[Interval]
    rise: Interval | None = None
    inside: dict[int, tuple[float, list[str], list[str]]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    marks: dict[int, str] = field(default_factory=dict)
    key: list[tuple[str, str]] = field(default_factory=list)


def _tail(interval: Interval) -> str:
    """Return what is said after a name: how long, and what is special about it."""
    return clock(interval.seconds) + " or longer" * interval.open_ended + ", optional" * interval.optional


def _middle(interval: Interval) -> float:
    return (interval.start + interval.end) / 2


def _lay_out(plan: Plan, sheet: Sheet) -> _Row:
    """Decide where each text of a plan goes."""
    row = _Row(plan, [i for i in plan.intervals if i.seconds])
    count = len(row.shown)
    while count and row.shown[count - 1].rises:
        count -= 1
        row.rise = row.shown[count]
    outside = []
    for n, interval in enumerate(row.shown[:count]):
        wide = interval.seconds * sheet.scale
        fit = interval.kind == "hold" and wide > 20 and _fit_inside(interval, wide)
        if fit:
            row.inside[n] = fit
        else:
            outside.append(n)
            text = f"{interval.name} {_tail(interval)}"
            row.notes.append(Note(text, _middle(interval) * sheet.scale, width_of(text, NOTE)))
    if not in_lanes(row.notes, sheet.width):
        _mark(row, outside, sheet)
    return row


def _fit_inside(interval: Interval, width: float) -> tuple[float, list[str], list[str]] | None:
    """Return size and lines of name and time, if they fit into a part of the bar this wide."""
    free = width - 8 - 8 * interval.open_ended - 4 * interval.optional
    for size in NAMES:
        name = wrap(interval.name, size, free, bold=True, cut=False)
        tail = name and wrap(_tail(interval), size, free, cut=False)
        if tail and height_of([*name, *tail], size, bold=True) < BAR - 8:
            return size, name, tail
    return None


def _mark(row: _Row, outside: list[int], sheet: Sheet) -> None:
    """Mark what could not be labelled, each hold together with the moves before it; the key says the rest."""
    holds = [i for i in row.shown if i.kind == "hold"]
    parts = [i.part for i in holds]
    named = all(parts) and len(set(parts)) == len(parts)
    names = parts if named else [str(n) for n in range(1, len(holds) + 1)]
    moves = [row.shown[n] for n in outside if row.shown[n].kind == "move"]
    titles, times, many = {move.title for move in moves}, {move.seconds for move in moves}, len(moves) > MANY
    tails, alike = {_tail(row.shown[n]) for n in outside if row.shown[n].kind == "hold"}, False
    if len(moves) > 2 and len(times) == 1 and (many or len(titles) == 1):
        outside = [n for n in outside if row.shown[n].kind == "hold"]
        alike = len(outside) > MANY and len(tails) == 1
        title = f": {moves[0].title}" if len(titles) == 1 else ""
        row.key.append(("→", f"each move{title} {_tail(moves[0])}" + f", each hold {min(tails)}" * alike))
    groups: dict[int, list[int]] = {}
    for n in outside:
        groups.setdefault(sum(i.kind == "hold" for i in row.shown[:n]), []).append(n)
    row.notes = []
    for number, group in groups.items():
        last = row.shown[group[-1]]
        mark = "→" * (last.kind == "move") + (names[number] if number < len(names) else "")
        shown = [row.shown[n] for n in group]
        said = [i.title if named else i.name for i in shown]
        texts = [
            _tail(i) if many and i.kind != last.kind else f"{s} {_tail(i)}" for s, i in zip(said, shown, strict=True)
        ]
        row.key.append((mark, said[-1] if alike else " → ".join(texts)))
        row.notes.append(Note(mark, _middle(last) * sheet.scale, width_of(mark, KEY, bold=True)))
        if last.kind == "hold" and last.seconds * sheet.scale > row.notes[-1].width + 5 + 10 * last.optional:
            row.marks[group[-1]] = mark
    # Marks stand in the bar where most of them fit into it; else all stand beneath, in one row.
    if 2 * len(row.marks) < len(row.notes):
        row.marks = {}
    row.notes = [note for note in row.notes if note.text not in row.marks.values()]
    spread(row.notes, sheet.width)


def _draw_row(sheet: Sheet, row: _Row, y: float, cues: bool) -> float:
    """Draw one plan and return where it ends."""
    total = f"  {clock(row.plan.total)}"
    title = wrap(row.plan.title, TITLE, sheet.width - width_of(total, TITLE), bold=True)
    for line in title:
        y += height_of([line], TITLE, bold=True) + 2
        sheet.text(0, y, line, TITLE, bold=True, va="bottom")
    end = width_of(title[-1], TITLE, bold=True)
    sheet.text(end, y, total, TITLE, va="bottom")
    if row.rise:
        begin, finish = row.rise.start * sheet.scale, row.plan.total * sheet.scale
        label = f"rise {clock(row.plan.total - row.rise.start)}"
        size = width_of(label, NOTE)
        left = min(max((begin + finish - size) / 2, 0), sheet.width - size)
        y += LANE * (left < end + width_of(total, TITLE) + 12)
        sheet.text(left, y, label, NOTE, va="bottom")
        bracket = [(begin, y + 7), (begin, y + 3), (finish, y + 3), (finish, y + 7)]
        sheet.line(bracket, INK, gid="rise")
    y += 10
    _draw_bar(sheet, row, y)
    y += BAR
    drop = 12 * cues
    if cues:
        for kind, (marker, _) in CUES.items():
            times = [at for i in row.plan.intervals for at, cue in i.cue_times() if cue.kind == kind]
            sheet.marks([(at * sheet.scale, y + 7) for at in times], marker, f"cue-{kind}")
    leaders: list[tuple[float, float]] = []
    feet: list[tuple[float, float]] = []
    up = baselines(["0"], KEY, bold=True)[0][0]
    for note in row.notes:
        top = y + drop + (14 if row.key else 7) + LANE * note.lane
        if row.key:
            foot = note.left + note.width / 2
            leaders += [(note.x, y), (foot, y + drop + 11), (foot, top), (nan, nan)]
            feet.append((foot, top + up))
        else:
            leaders += [(note.x, y), (note.x, top - 1.5), (nan, nan)]  # short of the letters
            sheet.text(note.left, top, note.text, NOTE)
    sheet.line(leaders, MUTED, 0.8, gid="leaders")
    sheet.labels(feet, [note.text for note in row.notes if row.key], KEY, bold=True)
    lanes = max((note.lane for note in row.notes), default=-1) + 1
    return y + drop + (LANE * lanes + (14 if row.key else 7)) * bool(lanes)


def _draw_bar(sheet: Sheet, row: _Row, y: float) -> None:
    for kind in ("hold", "move"):
        sheet.bars(kind, [(i.start, i.seconds) for i in row.shown if i.kind == kind], y, BAR)
    for n, i in enumerate(row.shown):
        begin, end = i.start * sheet.scale, i.end * sheet.scale
        if i.optional and end - begin > 12:
            a, b, top, low = begin + 3, end - 3, y + 3, y + BAR - 3
            box = [(a, top), (b, top), (b, low), (a, low), (a, top)]
            sheet.line(box, "white", dashed=True, gid="optional")
        if i.open_ended and end - begin > 14:
            torn = [(end - (9, 5)[k % 2], y + BAR * k / 10) for k in range(11)]
            sheet.line(torn, "white", 2, gid="open-ended")
        x = (begin + end) / 2 - 4 * i.open_ended
        white = {"color": "white", "ha": "center"}
        if n in row.inside:
            size, name, tail = row.inside[n]
            high = height_of(name, size, bold=True) + 2
            top = y + (BAR - high - height_of(tail, size)) / 2
            sheet.text(x, top, name, size, bold=True, **white)
            sheet.text(x, top + high, tail, size, **white)
    middles = [(_middle(row.shown[n]) * sheet.scale, y + BAR / 2 + 0.36 * KEY) for n in row.marks]
    sheet.labels(middles, list(row.marks.values()), KEY, bold=True, color="white")


def _draw_key(sheet: Sheet, rows: list[_Row], y: float, high: float) -> float:
    """List what the marks mean, in as many columns as fit, and return where the list ends."""
    for row in (row for row in rows if row.key):
        y += 8
        if len(rows) > 1:
            title = wrap(f"{row.plan.title}, {clock(row.plan.total)}", KEY, sheet.width, bold=True)
            sheet.text(0, y, title, KEY, bold=True)
            y += height_of(title, KEY, bold=True) + 3
        indent = max(width_of(mark, KEY, bold=True) for mark, _ in row.key) + 8
        widths = sorted(width_of(text, KEY) + indent + 16 for _, text in row.key)
        # One entry in eight may take two lines, so that a few long ones do not cost a column.
        columns = max(1, min(4, int((sheet.width + 16) // widths[-1 - len(widths) // 8])))
        column = (sheet.width + 16) / columns
        per = -(-len(row.key) // columns)
        ends = []
        for c in range(-(-len(row.key) // per)):
            entries = row.key[c * per : (c + 1) * per]
            marks: list[str] = []
            lines: list[str] = []
            for n, (mark, text) in enumerate(entries):
                broken = wrap(text, KEY, column - 16 - indent)
                last = n == len(entries) - 1
                if y + LINE * (len(lines) + len(broken) + (not last)) > high:
                    broken, mark = [f"and {len(entries) - n} more"], ""
                marks += [mark, *[""] * (len(broken) - 1)]
                lines += broken
                if not mark:
                    break
            feet = [y + baselines([""], KEY)[0][0] + LINE * k for k in range(len(lines))]
            sheet.labels([(c * column, foot) for foot in feet], marks, KEY, bold=True, ha="left")
            sheet.labels([(c * column + indent, foot) for foot in feet], lines, KEY, ha="left")
            ends.append(y + LINE * len(lines))
        y = max(ends)
    return y
