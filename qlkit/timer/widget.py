"""The guided session as an ipywidget. Its clock runs in the browser; only events reach Python."""

from __future__ import annotations

import re
import warnings
from functools import cache
from importlib import resources
from typing import Any

import anywidget
import traitlets

from qlkit.cues import lint
from qlkit.errors import PlanError, QlkitError
from qlkit.journal import Journal
from qlkit.plan import Plan, clock
from qlkit.session import Event, Record
from qlkit.timer.poses import frames

MODULES = ("clock.js", "session.js", "sound.js", "figure.js", "stage.js", "timer.js")
_IMPORT = re.compile(r"^import .*?;\n", re.MULTILINE | re.DOTALL)


def _file(name: str) -> str:
    return (resources.files("qlkit") / "timer" / name).read_text(encoding="utf-8")


@cache
def javascript() -> str:
    """Join the timer's modules into the one module that a widget or a page takes."""
    parts = [_IMPORT.sub("", _file(name)) for name in MODULES]
    return "\n".join(re.sub(r"^export (?!default)", "", part, flags=re.MULTILINE) for part in parts)


def _between(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and low <= value <= high


class SessionTimer(anywidget.AnyWidget):
    """Lead a person through a plan: show it as the last line of a cell and press Start.

    The clock is the browser's, so the session goes on while the kernel is busy or gone. The
    methods ask the browser to act; what happened comes back in ``events``.

    Parameters
    ----------
    plan : Plan
        What to do and when.
    voice, bells, ticks : bool or float
        Whether titles and instructions are spoken, changes chimed, last seconds ticked; a number
        from 0 to 1 sets the volume.
    lead_in : int
        Seconds to get down on the floor between Start and the beginning, 0 to 300.
    breath : pair of float, optional
        Seconds in and out of a quiet breath pacer, each 1 to 20, such as ``(4, 6)``, which is a
        teaching choice, or ``(3, 7)``, about what was studied (vandiest2014).
    journal : Journal, optional
        Where the record is written at each change, so that what breaks off keeps all up to there.
        What the browser did while Python was gone comes in when a timer of the same plan is shown.

    Attributes
    ----------
    status : str
        ready, running, paused, finished or stopped. Like ``step``, made to be observed.
    step : str
        The key of the present step.
    record : Record
        What happened so far.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.SessionTimer(qlkit.load_routine("sitting").plan())
    SessionTimer('After too much sitting', 6:00, ready)
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    plan = traitlets.Instance(Plan).tag(sync=True, to_json=lambda plan, _: plan.to_dict())
    events = traitlets.List(traitlets.Dict()).tag(sync=True)
    status = traitlets.Unicode("ready").tag(sync=True)
    step = traitlets.Unicode().tag(sync=True)
    until = traitlets.Float(None, allow_none=True).tag(sync=True)
    voice = traitlets.Bool(True).tag(sync=True)
    bells = traitlets.Bool(True).tag(sync=True)
    ticks = traitlets.Bool(True).tag(sync=True)
    # Commands wait here until a browser takes them, and `done` is the last it took: a message
    # sent before the page listens would be lost, and one kept would be obeyed after each reload.
    commands = traitlets.List(traitlets.Dict()).tag(sync=True)
    done = traitlets.Int(0).tag(sync=True)
    voice_volume = traitlets.Float(1.0).tag(sync=True)
    bells_volume = traitlets.Float(1.0).tag(sync=True)
    ticks_volume = traitlets.Float(1.0).tag(sync=True)
    lead_in = traitlets.Int(10).tag(sync=True)
    breath = traitlets.List(traitlets.Float()).tag(sync=True)
    log = traitlets.List().tag(sync=True)
    poses = traitlets.Dict().tag(sync=True)
    # With a journal (`keeps`) the browser forgets no session before the moment of its last event is
    # in `written`; those that no Python saw come back in `waiting`.
    keeps = traitlets.Bool(False).tag(sync=True)
    waiting = traitlets.List(traitlets.Dict()).tag(sync=True)
    written = traitlets.List(traitlets.Float()).tag(sync=True)
    trouble = traitlets.Unicode().tag(sync=True)
    journal: Journal | None = None
    _seen: Any = None

    def __init__(
        self,
        plan: Plan,
        *,
        voice: bool | float = True,
        bells: bool | float = True,
        ticks: bool | float = True,
        lead_in: int = 10,
        breath: tuple[float, float] | None = None,
        journal: Journal | None = None,
    ) -> None:
        if not isinstance(plan, Plan):
            raise PlanError(
                f"SessionTimer takes a plan, not {type(plan).__name__}; make one with load_routine(...).plan()"
            )
        heard: dict[str, Any] = {}
        for name, value in {"voice": voice, "bells": bells, "ticks": ticks}.items():
            if not _between(value, 0, 1):
                raise QlkitError(f"{name} is {value!r}; it should be True, False or a volume from 0 to 1")
            heard |= {name: bool(value), f"{name}_volume": float(value) if value else 1.0}
        if not _between(lead_in, 0, 300) or isinstance(lead_in, bool) or lead_in != int(lead_in):
            raise QlkitError(f"lead_in is {lead_in!r}; it should be a whole number of seconds from 0 to 300")
        pair = tuple(breath) if isinstance(breath, tuple | list) else ()
        if breath is not None and (len(pair) != 2 or not all(_between(s, 1, 20) for s in pair)):
            raise QlkitError(f"breath is {breath!r}; it should be two times from 1 to 20 seconds, such as (4, 6)")
        if journal is not None and not isinstance(journal, Journal):
            raise QlkitError(f"journal is {journal!r}; it should be a Journal, such as qlkit.Journal()")
        self.journal = journal
        for finding in lint(plan):
            warnings.warn(finding, stacklevel=2)
        more = {"lead_in": int(lead_in), "breath": [float(s) for s in pair], "poses": frames(plan)}
        super().__init__(
            plan=plan,
            step=plan.intervals[0].step,
            keeps=journal is not None,
            _esm=javascript(),
            _css=_file("timer.css"),
            **heard,
            **more,
        )

    @property
    def record(self) -> Record:
        """What was planned and what happened so far."""
        return Record(self.plan, tuple(map(Event.from_dict, self.events)), self.until, tuple(map(tuple, self.log)))

    def start(self) -> None:
        """Begin, after the lead-in; after the end, begin a new session."""
        self._ask("start", self.lead_in)

    def pause(self) -> None:
        """Stop the clock for a while."""
        self._ask("pause")

    def resume(self) -> None:
        """Go on after a pause."""
        self._ask("resume")

    def next(self) -> None:
        """Go to the next interval; after the last one, to the end."""
        self._ask("next")

    def back(self) -> None:
        """Go back to the start of this interval or, when it has just begun, to the one before."""
        self._ask("back")

    def extend(self, seconds: float) -> None:
        """Make the present interval longer, or shorter (never below what has passed)."""
        self._ask("extend", Event("extend", 0.0, seconds).seconds)

    def jump(self, step: str) -> None:
        """Go to a step by its key, such as ``"knees-to-chest"``, or to a stage of the rise, such as ``"rise-roll"``."""
        places = {interval.step: i for i, interval in reversed(list(enumerate(self.plan.intervals)))}
        if step not in places:
            raise QlkitError(f"{step!r} is no step of this plan; its steps: {', '.join(reversed(places))}")
        self._ask("jump", places[step])

    def stop(self) -> None:
        """End the session and keep its record."""
        self._ask("stop")

    def _ask(self, kind: str, seconds: float = 0.0) -> None:
        waiting = [c for c in self.commands if c["id"] > self.done]
        last = max([self.done, *(c["id"] for c in waiting)])
        self.commands = [*waiting, {"id": last + 1, "type": kind, "seconds": seconds}]

    @traitlets.observe("events", "until", "waiting")
    def _write(self, _: Any) -> None:
        """Bring to the journal what a message of the browser told. Its troubles are never the session's."""
        told = (self.events, self.until, self.waiting)
        if self.journal is None or told == self._seen:
            return
        self._seen = told
        own = {"events": self.events, "until": self.until, "log": self.log}
        begun = self.events and self.until is not None and self.events[0]["at"] <= self.until
        written, trouble = set(self.written), ""
        for kept in [k for k in self.waiting if k["events"][-1]["at"] not in written] + [own] * bool(begun):
            last = kept["events"][-1]["at"]
            try:
                record = Record.from_dict({"plan": self.plan.to_dict(), **kept})
            except QlkitError as error:  # it will not get better by waiting
                trouble = f"A session that this browser kept is damaged, and is not used: {error}"
                written.add(last)
                continue
            try:
                self.journal.add(record)
                written.add(last)
            except Exception as error:  # whatever the disk or the file has: the next change tries again
                trouble = f"The journal could not be written: {error}"
        with self.hold_sync():
            self.written, self.trouble = sorted(written), trouble

    def describe(self) -> str:
        """Return the plan in words before the start, and what happened after it."""
        return self.plan.describe() if self.status == "ready" else self.record.describe()

    def __repr__(self) -> str:
        """Return a stable text without an address."""
        return f"SessionTimer({self.plan.title!r}, {clock(self.plan.total)}, {self.status})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add a picture of the plan, for a page without a kernel; without matplotlib, text alone."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        try:
            from qlkit.plots.show import picture
            from qlkit.plots.timeline import plot_timeline
        except ImportError:
            return data, metadata
        still = picture(plot_timeline(self.plan), self.plan.describe())
        return {**still._repr_mimebundle_(), **data, "text/plain": repr(self)}, metadata
