"""The printed handout: what to do, to take home; and a cue sheet for whoever leads, with room to note what was."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from qlkit.errors import PlanError, QlkitError
from qlkit.handouts import put
from qlkit.plan import Plan, clock
from qlkit.plots.body import MARGIN, RISE, draw_panels, most, panels
from qlkit.plots.paper import clock_start, height_of, wrap
from qlkit.plots.style import INK, MUTED, style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from qlkit.plots.body import Panel

PAPER = {"A4": (595.28, 841.89), "letter": (612.0, 792.0)}
"""Width and height in points."""

SMALLEST, STANDING, NOTES, LINE = 55.0, 28.0, 98.0, 20.0
"""Points: a metre of the body at least, and in the rise; room for name and notes, a line of these."""

RISE_SHARES = (0.17, 0.25, 0.4, 0.6, 0.85)
"""Parts of a page that the rise may take; the first that has room for it."""

LATE = (
    "Write down when each step really ended: as much as that is after its planned end, you are late. Early? Stay in a "
    "hold that may be longer. Late? Shorten a hold, never the getting up."
)


def write_handout(
    plan: Plan, path: str | Path, *, start: str | None = None, practitioner: str = "", paper: str = "A4"
) -> Path:
    """Write a plan as a PDF to print: the positions to take home, then a cue sheet for the leader.

    Parameters
    ----------
    plan : Plan
        What to print.
    path : str or Path
        Where to write; a file that is there is replaced.
    start : str, optional
        A time of day such as ``"14:05"``: the cue sheet then shows clock times.
    practitioner : str
        A name to print; without one there is a line to write it on.
    paper : str
        ``"A4"`` or ``"letter"``.

    Returns
    -------
    Path
        The file. The same plan always gives the same bytes.

    Examples
    --------
    >>> import qlkit, tempfile
    >>> from pathlib import Path
    >>> plan = qlkit.load_routine("sitting").plan(minutes=10)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     qlkit.write_handout(plan, Path(folder) / "sitting.pdf", start="18:30").name
    'sitting.pdf'
    """
    from matplotlib.backends.backend_pdf import PdfPages

    file, path = io.BytesIO(), Path(path)
    with style():
        figures = draw_pages(plan, start, practitioner, paper)
        words = {"Title": plan.title, "Subject": plan.describe().partition("\n")[0], "CreationDate": None}
        with PdfPages(file, metadata=words) as pdf:
            for figure in figures:
                pdf.savefig(figure)
    try:
        put(path, file.getvalue())
    except OSError as error:
        raise QlkitError(f"the handout can't be written to {str(path)!r}: {error.strerror}") from None
    return path


def draw_pages(plan: Plan, start: str | None = None, practitioner: str = "", paper: str = "A4") -> list[Figure]:
    """Draw the pages of a handout."""
    if not isinstance(plan, Plan):
        raise PlanError(f"a handout is made of a plan, not of {plan!r}; routine.plan() makes one")
    if paper not in list(PAPER):  # which may be anything, a list as well
        raise QlkitError(f"paper is {paper!r}; it should be {' or '.join(map(repr, PAPER))}")
    if not isinstance(practitioner, str):
        raise QlkitError(f"practitioner is {practitioner!r}; it should be a name, as text")
    begin = clock_start(start)
    pages = _Pages(PAPER[paper])
    _take_home(pages, plan, practitioner.strip())
    pages.turn()
    _cue_sheet(pages, plan, begin)
    for n, figure in enumerate(pages.figures, 1):
        foot = f"{clock(plan.total)} in all \N{MIDDLE DOT} page {n} of {len(pages.figures)}"
        how = {"size": 7.5, "color": MUTED, "va": "bottom", "parse_math": False}
        figure.axes[0].text(MARGIN, MARGIN - 16, wrap(plan.title, 7.5, pages.wide - 130)[0], **how)
        figure.axes[0].text(pages.width - MARGIN, MARGIN - 16, foot, ha="right", **how)
    return pages.figures


class _Pages:
    """Pages that are written downwards; what doesn't fit on one goes on to the next."""

    def __init__(self, size: tuple[float, float]) -> None:
        self.width, self.height = size
        self.figures: list[Figure] = []
        self.wide = self.width - 2 * MARGIN
        self.repeat: Callable[[], None] = lambda: None
        self.turn()

    def turn(self) -> None:
        """Begin a new page."""
        from matplotlib.figure import Figure

        self.figures.append(Figure(figsize=(self.width / 72, self.height / 72)))
        self.ax = self.figures[-1].add_axes((0, 0, 1, 1), xlim=(0, self.width), ylim=(0, self.height))
        self.ax.axis("off")
        self.y = self.top = self.height - MARGIN
        self.repeat()

    def need(self, high: float) -> None:
        """Turn the page if so many points are no longer free on it."""
        if self.y - high < MARGIN and self.y < self.top:
            self.turn()

    def write(self, cells: Sequence[tuple[float, float, str]], points: float, gap: float = 0.0, **how: str) -> None:
        """Write texts beside each other, each in a column from ``x`` on of some width, and go beneath them."""
        bold = how.get("weight") == "bold"
        columns = [(x, wrap(text, points, width, bold)) for x, width, text in cells]
        for n in range(max(len(lines) for _, lines in columns)):
            row = [(x, lines[n]) for x, lines in columns if n < len(lines)]
            high = max(height_of([line], points, bold) for _, line in row) + 1
            self.need(high)
            for x, line in row:
                look = {"size": points, "color": INK, "va": "top", "parse_math": False, **how}
                self.ax.text(MARGIN + x, self.y, line, **look)
            self.y -= high
        self.y -= gap

    def rule(self, left: float = 0.0, right: float | None = None, width: float = 0.5) -> None:
        """Draw a line across, or a part of one."""
        ends = [MARGIN + left, MARGIN + (self.wide if right is None else right)]
        self.ax.plot(ends, [self.y, self.y], color=MUTED, linewidth=width, marker="")


def _take_home(pages: _Pages, plan: Plan, practitioner: str) -> None:
    """Write the positions with their times, what matters, the cautions, and room for a name and notes."""
    wide = pages.wide
    pages.write([(0, wide, plan.title)], 18, 2, weight="bold")
    pages.write([(0, wide, f"{clock(plan.total)} in all, {clock(plan.hold_total)} of it held")], 10.5, 3)
    for caution in plan.cautions:
        pages.write([(0, wide, caution)], 8.5)
    pages.y -= 10
    cautions = _cautions(plan)
    below = sum(height_of([line], 8) + 1 for text in cautions for line in wrap(text, 8, wide)) + 30
    _storyboard(pages, plan, NOTES + below * bool(cautions))
    if cautions:
        pages.write([(0, wide, "Take care")], 10.5, 1, weight="bold")
    for caution in cautions:
        pages.write([(0, wide, caution)], 8)
    pages.y -= 12
    pages.need(NOTES - 12)
    pages.write([(0, 70, "Practitioner"), (70, wide - 70, practitioner)], 9)
    if not practitioner:
        pages.rule(70)
    pages.y -= LINE - 12
    pages.write([(0, 70, "Notes")], 9)
    pages.rule(70)
    for _ in range(min(12, int((pages.y - MARGIN) / LINE))):
        pages.y -= LINE
        pages.rule()


def _storyboard(pages: _Pages, plan: Plan, below: float) -> None:
    """Draw the positions; with so much room left beneath them on the page, if they fit there."""
    holds, stages = panels(plan)
    rises = [share * pages.height for share in RISE_SHARES] if stages else [0.0]
    rise = next((high for high in rises if stages and most(stages, high, pages.wide)[0] >= STANDING), rises[-1])
    beneath = rise + RISE if stages else 0.0

    def fit(some: list[Panel], room: float) -> bool:
        return room > 0 and (not some or most(some, room, pages.wide)[0] >= SMALLEST)

    while True:
        room = pages.y - MARGIN
        spare = next((spare for spare in (below, 0.0) if fit(holds, room - beneath - spare)), None)
        if spare is not None:
            pages.y = draw_panels(pages.ax, holds, stages, pages.y, MARGIN + spare, rise) - 12
            return
        count = next((n for n in range(1, len(holds)) if not fit(holds[: n + 1], room)), len(holds))
        if fit(holds[:1], room):
            draw_panels(pages.ax, holds[:count], [], pages.y, MARGIN, 0)
            holds = holds[count:]
        elif pages.y == pages.top:
            raise QlkitError("a step has more words than fit on a page")
        pages.turn()


def _cautions(plan: Plan) -> list[str]:
    """Return what to take care of in single steps, each once, after the steps it is about."""
    steps: dict[str, dict[str, None]] = {}
    for i in plan.intervals:
        for text in i.cautions:
            steps.setdefault(text, {})[i.part or i.title] = None
    texts: dict[str, list[str]] = {}
    for text, names in steps.items():
        texts.setdefault(", ".join(names), []).append(text)
    return [f"{names}: {' '.join(found)}" for names, found in texts.items()]


def _cue_sheet(pages: _Pages, plan: Plan, begin: int | None) -> None:
    """Write what to say when, with room to note when each step really ended."""
    wide = pages.wide

    def when(second: int) -> str:
        if begin is None:
            return clock(second)
        minutes, seconds = divmod((begin + second) % 86400, 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

    pages.write([(0, wide, f"Cue sheet: {plan.title}")], 16, 2, weight="bold")
    times = f"{when(0)} to {when(plan.total)}: {clock(plan.total)} in all, {clock(plan.hold_total)} of it held"
    pages.write([(0, wide, times)], 10.5, 3)
    for text in (*plan.cautions, LATE):
        pages.write([(0, wide, text)], 8.5, 2)
    pages.y -= 4
    # Where the columns begin: what is said, how long, the planned end, and the two to write in.
    say, long, end, really, late = 54.0, wide - 232, wide - 190, wide - 134, wide - 62
    heads = {0: "when", say: "say", long: "long", end: "ends", really: "really ended", late: "late by"}

    def head() -> None:
        pages.write([(x, 70, text) for x, text in heads.items()], 8.5, 1, color=MUTED)

    def row(begins: str, name: str, seconds: int, ends: int) -> None:
        pages.need(40)
        pages.rule()
        pages.y -= 16
        pages.rule(really, late - 6)
        pages.rule(late)
        pages.y += 13
        cells = [(0, say, begins), (say, long - say - 8, name), (long, 42, clock(seconds)), (end, 56, when(ends))]
        pages.write(cells, 9, 1, weight="bold")

    pages.repeat = head
    head()
    for i in plan.intervals:
        name = i.name + " (or longer)" * i.open_ended + " (optional)" * i.optional
        row(when(i.start), name, i.seconds, i.end)
        spoken = [(at, c.text.removeprefix(f"{i.title}. ")) for at, c in i.cue_times() if c.kind == "voice"]
        for at, text in spoken or [(i.start, i.text)]:
            pages.write([(0, say, when(at)), (say, long - say - 8, text or " ")], 9)
        if i.options:
            pages.write([(say, long - say - 8, f"Ways: {'; '.join(i.options)}")], 8.5, color=MUTED)
        pages.y -= 4
    row("", "Total", plan.total, plan.total)
