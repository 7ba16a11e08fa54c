"""Doing it: a session is a plan, a list of events and a moment. Pure; it has no clock of its own.

:func:`replay` has a twin of the same name in ``timer/clock.js``. Both do the same arithmetic in
the same order and are held together by the vectors in ``tests/vectors``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

from qlkit.errors import QlkitError
from qlkit.plan import Plan, clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qlkit.plan import Interval

TYPES = ("start", "pause", "resume", "next", "back", "extend", "stop")
BACK_GRACE = 3.0
"""Later than this many seconds into an interval, "back" returns to its own start."""
FAR = 2.5e11
"""A time in seconds beyond which no calendar goes (the year 9999 is nearer)."""


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FAR


def _is_entry(entry: object) -> bool:
    """Tell whether this is an entry of the log of cues: key, kind, when due, when it came."""
    if not isinstance(entry, list | tuple) or len(entry) != 4:
        return False
    return all(isinstance(text, str) for text in entry[:2]) and all(map(_is_time, entry[2:]))


@dataclass(frozen=True)
class Event:
    """Something that happened in a session: its ``type``, and when, in seconds since 1970 UTC.

    ``seconds`` is how much an "extend" adds (or, below zero, takes away).
    """

    type: str
    at: float
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Check the type and the numbers."""
        if self.type not in TYPES:
            raise QlkitError(f"{self.type!r} is no event; known: {', '.join(TYPES)}")
        for name in ("at", "seconds"):
            value = getattr(self, name)
            if not _is_time(value):
                raise QlkitError(f"an event's {name!r} should be a number of seconds, not {value!r}")

    @classmethod
    def from_dict(cls, data: Any) -> Event:
        """Rebuild an event from a dict."""
        if not isinstance(data, dict) or set(data) - {"type", "at", "seconds"} or not {"type", "at"} <= set(data):
            raise QlkitError(f"an event is a dict with type, at and, for extend, seconds; not {data!r}")
        return cls(**data)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as a dict, ready for JSON."""
        return {"type": self.type, "at": self.at} | ({"seconds": self.seconds} if self.seconds else {})


@dataclass
class Visit:
    """A stay in an interval; times in seconds since the session's start.

    ``paused`` are the paused seconds in it and ``extended`` those added by hand.
    """

    index: int
    start: float
    end: float
    paused: float = 0.0
    extended: float = 0.0

    @property
    def held(self) -> float:
        """The seconds that counted: those not paused."""
        return self.end - self.start - self.paused


@dataclass(frozen=True)
class State:
    """Where a session stands at a moment; all times in seconds.

    ``status`` is ready, running, paused, finished or stopped. ``elapsed``, ``length`` and
    ``remaining`` are of the present interval, ``total_remaining`` of the whole session.
    ``started`` is in seconds since 1970; ``time`` and the visits count from it.
    """

    status: str
    index: int
    interval: Interval
    elapsed: float
    length: float
    remaining: float
    total_remaining: float
    started: float | None
    time: float
    visits: tuple[Visit, ...]
    pauses: tuple[tuple[float, float], ...]


class _Run:
    """The walk through the intervals, moved forward by events and by time."""

    def __init__(self, lengths: list[float]) -> None:
        self.lengths = lengths
        self.status, self.index, self.elapsed, self.time = "ready", 0, 0.0, 0.0
        self.started: float | None = None
        self.visits: list[Visit] = []
        self.pauses: list[list[float]] = []

    def advance(self, to: float) -> None:
        while self.status == "running":
            room = self.lengths[self.index] - self.elapsed
            if to - self.time < room:
                self.elapsed += to - self.time
                break
            self.time = min(self.time + room, to)
            self.enter(self.index + 1)
        if self.status == "paused":
            self.visits[-1].paused += to - self.time
            self.pauses[-1][1] = to
        if self.status in ("running", "paused"):
            self.time = to
            self.visits[-1].end = to

    def enter(self, index: int) -> None:
        """Begin the interval, or the first one after it that lasts; past the last one, finish."""
        if self.visits:
            self.visits[-1].end = self.time
        self.elapsed = 0.0
        while index < len(self.lengths):
            self.index = index
            self.visits.append(Visit(index, self.time, self.time))
            if self.lengths[index] > 0:
                return
            index += 1
        self.elapsed = self.lengths[self.index]
        self.status = "finished"

    def apply(self, event: Event) -> None:
        if self.status == "ready":
            if event.type == "start":
                self.started, self.status = event.at, "running"
                self.enter(0)
            return
        self.advance(event.at - self.started)
        if self.status not in ("running", "paused"):
            return
        if event.type == "pause" and self.status == "running":
            self.status = "paused"
            self.pauses.append([self.time, self.time])
        elif event.type == "resume":
            self.status = "running"
        elif event.type == "next":
            self.enter(self.index + 1)
        elif event.type == "back":
            earlier = [i for i in range(self.index) if self.lengths[i] > 0]
            self.enter(earlier[-1] if earlier and self.elapsed <= BACK_GRACE else self.index)
        elif event.type == "extend":
            length = max(self.elapsed, self.lengths[self.index] + event.seconds)
            self.visits[-1].extended += length - self.lengths[self.index]
            self.lengths[self.index] = length
            if self.elapsed >= length:
                self.enter(self.index + 1)
        elif event.type == "stop":
            self.status = "stopped"


def replay(plan: Plan, events: Iterable[Event], now: float) -> State:
    """Return where a session stands: a function of its plan, its events and the moment.

    Events are taken in the order of their times; later ones than ``now``, and those that
    change nothing (a second start, a resume while it runs), have no effect.

    Parameters
    ----------
    plan : Plan
        What was planned.
    events : iterable of Event
        What happened.
    now : float
        The moment, in seconds since 1970 UTC, as in the events.

    Examples
    --------
    >>> import qlkit
    >>> plan = qlkit.load_routine("sitting").plan()
    >>> state = qlkit.replay(plan, [qlkit.Event("start", 1000.0)], 1060.0)
    >>> state.status, state.elapsed, state.remaining
    ('running', 60.0, 240.0)
    """
    run = _Run([float(i.seconds) for i in plan.intervals])
    for event in sorted(events, key=lambda e: e.at):
        if event.at <= now:
            run.apply(event)
    if run.started is not None:
        run.advance(now - run.started)
    length = run.lengths[run.index]
    remaining = length - run.elapsed
    return State(
        status=run.status,
        index=run.index,
        interval=plan.intervals[run.index],
        elapsed=run.elapsed,
        length=length,
        remaining=remaining,
        # Added one by one from the left as in JavaScript; sum() of newer Pythons rounds in another way.
        total_remaining=remaining + reduce(add, run.lengths[run.index + 1 :], 0.0),
        started=run.started,
        time=run.time,
        visits=tuple(run.visits),
        pauses=tuple((a, b) for a, b in run.pauses),
    )


@dataclass(frozen=True)
class Record:
    """A session that was carried out: its plan and its events, and nothing else.

    Everything shown of it is derived by :func:`replay`, so a record can't disagree with what
    was on the screen. ``until`` is the last moment known of it, in seconds since 1970; without
    one, that of the last event. ``log`` has for each cue its key, its kind, when it was due and
    when it came, both in seconds since 1970.

    Examples
    --------
    >>> import qlkit
    >>> plan = qlkit.load_routine("sitting").plan()
    >>> events = [qlkit.Event("start", 1000.0), qlkit.Event("stop", 1120.0)]
    >>> qlkit.Record(plan, events).finished
    False
    """

    plan: Plan
    events: tuple[Event, ...] = ()
    until: float | None = None
    log: tuple[tuple[str, str, float, float], ...] = ()

    def __post_init__(self) -> None:
        """Keep the events in the order of their times."""
        object.__setattr__(self, "events", tuple(sorted(self.events, key=lambda e: e.at)))

    @property
    def state(self) -> State:
        """Where the session stood at the last moment known of it."""
        last = max((e.at for e in self.events), default=0.0)
        return replay(self.plan, self.events, max(last, self.until or last))

    @property
    def intervals(self) -> tuple[Visit, ...]:
        """The actual stays in the plan's intervals, in the order they happened."""
        return self.state.visits

    @property
    def paused(self) -> float:
        """The seconds paused in all."""
        return sum(end - start for start, end in self.state.pauses)

    @property
    def finished(self) -> bool:
        """Whether the plan was gone through to its end."""
        return self.state.status == "finished"

    @property
    def started(self) -> datetime | None:
        """When it began, in UTC; None where it never did."""
        at = self.state.started
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, texts and numbers, ready for JSON."""
        return {
            "plan": self.plan.to_dict(),
            "events": [event.to_dict() for event in self.events],
            "until": self.until,
            "log": [list(entry) for entry in self.log],
        }

    @classmethod
    def from_dict(cls, data: Any) -> Record:
        """Rebuild a record from :meth:`to_dict`; anything else raises a QlkitError."""
        if not isinstance(data, dict) or not {"plan", "events"} <= set(data):
            raise QlkitError("this is no record: it should be a dict with plan and events")
        until = data.get("until")
        if until is not None and not _is_time(until):
            raise QlkitError(f"a record's 'until' should be a number of seconds, not {until!r}")
        if not isinstance(data["events"], list | tuple):
            raise QlkitError("a record's 'events' should be a list")
        log = data.get("log", [])
        if not isinstance(log, list | tuple) or not all(map(_is_entry, log)):
            raise QlkitError("a record's 'log' should be a list of [key, kind, due, came]")
        events = tuple(map(Event.from_dict, data["events"]))
        return cls(Plan.from_dict(data["plan"]), events, until, tuple(map(tuple, log)))

    def describe(self) -> str:
        """Return what was planned and what was done, in sentences and a table."""
        state = self.state
        if state.started is None:
            return f"{self.plan.title}: not started."
        how = {"finished": "finished", "stopped": "stopped early"}.get(state.status, f"still {state.status}")
        lines = [
            f"{self.plan.title}: {how} after {clock(state.time)}, "
            f"{clock(self.paused)} of it paused; {clock(self.plan.total)} were planned."
        ]
        for visit in state.visits:
            planned = self.plan.intervals[visit.index]
            extra = f", {visit.extended:+.0f} s by hand" if visit.extended else ""
            lines.append(
                f"{clock(visit.start)} to {clock(visit.end)}  {planned.name}: {clock(visit.held)} "
                f"of {clock(planned.seconds)} planned{extra}"
            )
        return "\n".join(lines)
