"""When to do it: a routine with every hold and move decided. Pure arithmetic."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

from qlkit.errors import PlanError


@dataclass(frozen=True)
class Cue:
    """Something shown, spoken or sounded at a moment of an interval.

    ``at`` counts seconds from the interval's start or before its end, as ``anchor`` says, so
    that cues before the end move along when the interval is extended.
    """

    kind: Literal["chime", "voice", "tick", "bell"]
    at: int
    anchor: Literal["start", "end"] = "start"
    text: str = ""


@dataclass(frozen=True)
class Interval:
    """One stretch of a plan, a move or a hold; ``start`` and ``end`` in seconds."""

    kind: Literal["move", "hold"]
    step: str
    title: str
    text: str
    pose: str
    start: int
    end: int
    part: str = ""
    focus: str = ""
    via: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    open_ended: bool = False
    optional: bool = False
    cues: tuple[Cue, ...] = ()

    @property
    def seconds(self) -> int:
        """The length."""
        return self.end - self.start

    @property
    def name(self) -> str:
        """The title with its part, such as ``3a Knees to chest``."""
        return f"{self.part} {self.title}".strip()

    @property
    def rises(self) -> bool:
        """Whether this is a stage of the rise."""
        return self.step.startswith("rise-")

    def cue_times(self) -> list[tuple[int, Cue]]:
        """Return the cues with the second of the plan at which each is due, in order."""
        times = [(self.start + c.at if c.anchor == "start" else self.end - c.at, c) for c in self.cues]
        return sorted(times, key=lambda pair: pair[0])


@dataclass(frozen=True)
class Plan:
    """A routine with every hold and move decided: intervals from 0 to the total.

    Examples
    --------
    >>> from qlkit import load_routine
    >>> plan = load_routine("sitting").plan(minutes=10)
    >>> plan.total, plan.hold_total, plan.at(30).title
    (600, 540, 'Rest on your back')
    """

    routine: str
    title: str
    source: str
    cautions: tuple[str, ...]
    intervals: tuple[Interval, ...]

    def __post_init__(self) -> None:
        """Check that the intervals follow each other without a gap."""
        end = 0
        for i, interval in enumerate(self.intervals, 1):
            if interval.start != end or interval.end < interval.start:
                found = f"{interval.start} to {interval.end} s"
                raise PlanError(f"interval {i} ({interval.title!r}) runs {found}; it should start at {end} s")
            end = interval.end
        if end <= 0:
            raise PlanError("a plan needs at least one interval that lasts a second or more")

    @property
    def total(self) -> int:
        """All seconds, moves and rise included."""
        return self.intervals[-1].end

    @property
    def hold_total(self) -> int:
        """The seconds of the holds alone."""
        return sum(i.seconds for i in self.intervals if i.kind == "hold")

    def at(self, seconds: float) -> Interval:
        """Return the interval that a moment falls in; the end of the plan belongs to the last one."""
        if not 0 <= seconds <= self.total:
            raise PlanError(f"{seconds} s lies outside the plan, which runs from 0 to {self.total} s")
        return next((i for i in self.intervals if i.start <= seconds < i.end), self.intervals[-1])

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain dicts, lists, texts and numbers, ready for JSON."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Plan:
        """Rebuild a plan from :meth:`to_dict`; anything else raises a PlanError."""
        from pydantic import ValidationError

        try:
            return _adapter().validate_json(json.dumps(data), strict=True)
        except TypeError as error:
            raise PlanError(f"this is no plan: {error}") from None
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, e['loc'])) or 'the plan'}: {e['msg']}" for e in error.errors()]
            raise PlanError("this is no plan: " + "; ".join(faults[:5])) from None

    def describe(self) -> str:
        """Return the plan in sentences and a table of its intervals."""
        lines = [
            f"{self.title}: {clock(self.total)} in all, {clock(self.hold_total)} of it held.",
            *(f"Caution: {caution}" for caution in self.cautions),
        ]
        for i in self.intervals:
            marks = " (optional)" * i.optional + " (or longer)" * i.open_ended
            lines.append(f"{clock(i.start)} to {clock(i.end)}  {i.kind}: {i.name}, {clock(i.seconds)}{marks}")
        return "\n".join(lines)


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    for kind in (Cue, Interval, Plan):
        kind.__pydantic_config__ = {"extra": "forbid"}
    return TypeAdapter(Plan)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def clock(seconds: float) -> str:
    """Return seconds as m:ss, or h:mm:ss from an hour on.

    Examples
    --------
    >>> clock(90), clock(3600)
    ('1:30', '1:00:00')
    """
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
