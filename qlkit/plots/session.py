"""The session: planned against actual, two bars a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from qlkit.errors import QlkitError
from qlkit.plan import clock
from qlkit.plots.paper import SMALL, check_axes, clock_start, height_of, width_of, wrap
from qlkit.plots.sheet import Sheet, draw
from qlkit.plots.style import COLORS, INK, MUTED
from qlkit.plots.timeline import CUES as PLANNED_CUES
from qlkit.session import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from qlkit.plan import Interval
    from qlkit.session import State, Visit

TITLE, NAME = 13.0, 10.0
BAR, GAP = 11.0, 10.0
"""Points: height of one of the two bars of a step, and the space between steps."""

CUES = {kind: marker for kind, (marker, _) in PLANNED_CUES.items()} | {"breath": "v", "other": "s"}
"""The marker of each kind of cue; a log may hold kinds that no plan does."""

FAINT = "#E1E5EA"
LATE = 0.15
"""A cue is late where it came more than this many seconds after it was due."""

SKIPPED = 5.0
"""Whoever leaves a step within this many seconds has skipped it."""

_STATUS = {"finished": "Finished", "stopped": "Stopped early", "paused": "Paused", "running": "Still running"}


@dataclass
class _Step:
    """One row: a step with the move before it, or the whole rise; ``indexes`` are its intervals."""

    name: str
    indexes: list[int] = field(default_factory=list)
    planned: list[Interval] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plot_session(record: Record, ax: Axes | None = None, *, start: str | None = None, cues: bool = False) -> Axes:
    """Draw what was planned and what was done, two bars a step, along time.

    Parameters
    ----------
    record : Record
        A session that was finished or broken off, or still runs.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without one, a new figure (not of pyplot) as high as the picture needs.
    start : str, optional
        A time of day such as ``"14:05"``: the axis then shows clock times.
    cues : bool
        Whether to show the log of cues: when each came, those more than 0.15 s late in a ring.

    Returns
    -------
    matplotlib.axes.Axes
        Across it has seconds, and down from its top it has points. The axis of time is part of the picture: what is
        set on ``ax.xaxis``, such as a label, does not show.

    Examples
    --------
    >>> import qlkit
    >>> from qlkit.plots.session import plot_session
    >>> plan = qlkit.load_routine("sitting").plan()
    >>> record = qlkit.Record(plan, [qlkit.Event("start", 0.0), qlkit.Event("stop", 120.0)])
    >>> ax = plot_session(record, start="21:30")
    """
    if not isinstance(record, Record):
        raise QlkitError(f"a session is drawn of a Record, not of {record!r}; a plan is drawn by plot_timeline")
    state = record.state
    if state.started is None:
        raise QlkitError("this session was not started, so there is nothing to draw; plot_timeline draws its plan")
    begin = clock_start(start)
    check_axes(ax)
    steps = _steps(record, state)

    def build(wide: float, _: float) -> Sheet:
        names = [step.name for step in steps] + [kind for kind in CUES if cues]
        side = min(wide * 0.24, max(width_of(name, NAME, bold=True) for name in names) + 26)
        notes = min(wide * 0.24, max(width_of(note, SMALL) for step in steps for note in step.notes) + 20)
        sheet = Sheet(wide, max(record.plan.total, state.time), max(side, 26), max(notes, 26))
        y = _draw_title(sheet, record, state)
        for step in steps:
            y = _draw_step(sheet, step, state, y)
        if cues:
            y = _draw_cues(sheet, record.log, state.started, y)
        kinds = ["planned", "actual"] + ["pause"] * bool(state.pauses)
        sheet.height = sheet.axis(y + 2, begin, kinds) + 10
        return sheet

    return draw(build, ax)


def _steps(record: Record, state: State) -> list[_Step]:
    """Gather intervals and visits by step, and what is to be said of each."""
    steps: list[_Step] = []
    shown = [(n, i) for n, i in enumerate(record.plan.intervals) if i.seconds]
    for n, interval in shown:
        last = steps[-1].planned[-1] if steps else None
        if last is None or last.kind == "hold" or last.rises != interval.rises:
            steps.append(_Step(""))
        step = steps[-1]
        step.name = "Rise" if interval.rises else interval.name
        step.indexes.append(n)
        step.planned.append(interval)
        step.visits += [visit for visit in state.visits if visit.index == n]
    for step in steps:
        step.notes = _notes(record, state, step)
    return steps


def _notes(record: Record, state: State, step: _Step) -> list[str]:
    # What counts of a step is its hold; the move before it only where there is none.
    holds = [i for i in step.planned if i.kind == "hold"] or step.planned
    counted = [visit for visit in step.visits if record.plan.intervals[visit.index] in holds]
    planned, held = sum(i.seconds for i in holds), sum(visit.held for visit in counted)
    here = state.index in step.indexes and state.status != "finished"
    if not step.visits:
        return [f"planned {clock(planned)}", "not reached"]
    notes = [f"{clock(held)}, planned\N{NO-BREAK SPACE}{clock(planned)}"]
    if here:
        notes.append({"stopped": "stopped here", "paused": "paused here", "running": "here now"}[state.status])
    elif held < min(SKIPPED, planned):
        notes.append("skipped")
    extended = sum(visit.extended for visit in step.visits)
    if extended:
        notes.append(f"{'+' if extended > 0 else '−'}{clock(abs(extended))} by hand")
    paused = sum(visit.paused for visit in step.visits)
    if paused:
        notes.append(f"paused {clock(paused)}")
    return notes


def _draw_title(sheet: Sheet, record: Record, state: State) -> float:
    """Draw title and outcome and return where the rows begin."""
    x, full = 10 - sheet.left, sheet.left + sheet.width + sheet.right - 20
    title = wrap(record.plan.title, TITLE, full, bold=True)
    sheet.text(x, 8, title, TITLE, bold=True)
    y = 12 + height_of(title, TITLE, bold=True)
    paused = f", {clock(record.paused)} of it paused" if record.paused else ""
    outcome = f"{_STATUS[state.status]} after {clock(state.time)}{paused}; planned {clock(record.plan.total)}"
    lines = wrap(outcome, NAME, full)
    sheet.text(x, y, lines, NAME, color=MUTED)
    return y + height_of(lines, NAME) + GAP


def _draw_rule(sheet: Sheet, y: float) -> None:
    sheet.line([(10 - sheet.left, y - GAP / 2), (sheet.width + sheet.right - 10, y - GAP / 2)], FAINT, 0.8)


def _draw_step(sheet: Sheet, step: _Step, state: State, y: float) -> float:
    """Draw one step and return where it ends."""
    _draw_rule(sheet, y)
    name = wrap(step.name, NAME, sheet.left - 24, bold=True)
    notes = [line for note in step.notes for line in wrap(note, SMALL, sheet.right - 18)]
    sheet.text(10 - sheet.left, y, name, NAME, bold=True)
    sheet.text(sheet.width + 8, y, notes, SMALL)
    for kind, slim in (("hold", 0), ("move", BAR / 4)):
        spans = [(i.start, i.seconds) for i in step.planned if i.kind == kind]
        sheet.bars("planned", spans, y + 1 + slim, BAR - 2 * slim)
    low = y + BAR + 2
    kinds = {n: i.kind for n, i in zip(step.indexes, step.planned, strict=True)}
    for visit in step.visits:
        slim = BAR / 4 if kinds[visit.index] == "move" else 0
        pauses = [(max(a, visit.start), min(b, visit.end)) for a, b in state.pauses]
        pauses = [(a, b) for a, b in pauses if a < b]
        edges = [visit.start, *(edge for pause in pauses for edge in pause), visit.end]
        for n, (a, b) in enumerate(pairwise(edges)):
            sheet.bars("pause" if n % 2 else "actual", [(a, b - a)], low + slim, BAR - 2 * slim)
        if (visit.end - visit.start) * sheet.scale < 1.5:
            # Too short for a bar: a stroke shows that it was passed through.
            x = visit.start * sheet.scale
            sheet.line([(x, low), (x, low + BAR)], COLORS["actual"], 1.5, gid="passed")
    if state.visits and step.visits and step.visits[-1] is state.visits[-1] and state.status != "finished":
        x = state.time * sheet.scale
        torn = [(x + (0, 4)[k % 2], low - 3 + (BAR + 6) * k / 6) for k in range(7)]
        sheet.line(torn, INK, 1.5, gid="open-ended")
    return max(low + BAR, y + height_of(name, NAME, bold=True), y + height_of(notes, SMALL)) + GAP


def _draw_cues(sheet: Sheet, log: Sequence[tuple[str, str, float, float]], started: float, y: float) -> float:
    """Draw when the cues came, a row for each kind, beneath what there is to say of them; return where that ends."""
    rows: dict[str, list[tuple[float, float]]] = {kind: [] for kind in CUES}
    beyond = 0
    for _, kind, due, came in log:
        x = (came - started) * sheet.scale
        # Beside the time axis stand words. The count before the start may come as early as that.
        if -10 <= x <= sheet.width + 4:
            rows[kind if kind in rows else "other"].append((x, round(came - due, 3)))
        else:
            beyond += 1
    _draw_rule(sheet, y)
    said = wrap(
        _punctuality([came - due for _, _, due, came in log], beyond), NAME, sheet.left + sheet.width + sheet.right - 20
    )
    sheet.text(10 - sheet.left, y, said, NAME, color=MUTED)
    y += height_of(said, NAME) + 4
    for kind, marks in rows.items():
        if marks:
            middle = y + height_of([kind], NAME) / 2
            sheet.text(10 - sheet.left, y, kind, NAME)
            sheet.line([(0, middle), (sheet.width, middle)], FAINT, 0.8)
            sheet.marks([(x, middle) for x, _ in marks], CUES[kind], f"cue-{kind}")
            late = [(x, middle) for x, seconds in marks if seconds > LATE]
            sheet.marks(late, "o", "late", size=9, full=False)
            y += height_of([kind], NAME) + 2
    return y + GAP / 2


def _punctuality(late: Sequence[float], beyond: int) -> str:
    """Say how many cues came, and how late the latest of them was."""
    if not late:
        return "no log of cues"
    worst, ringed = round(max(late), 3), sum(round(each, 3) > LATE for each in late)
    said = f"{len(late)} cues came, the latest " if len(late) > 1 else "1 cue came, "
    if worst <= 0:
        said = f"{said.removesuffix('the latest ')}{'none' if len(late) > 1 else 'not'} late"
    else:
        said += f"{worst * 1000:.0f} ms late" if worst < 1 else f"{worst:.1f} s late"
    said += f"; {ringed} more than {LATE * 1000:.0f} ms late, in a ring" * bool(ringed)
    return said + f"; {beyond} outside the time shown" * bool(beyond)
