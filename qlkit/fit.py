"""Fitting a routine to a time: every hold and move decided, and what is heard in it."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

from qlkit.cues import cues_of
from qlkit.errors import PlanError
from qlkit.plan import Cue, Interval, Plan, clock
from qlkit.routine import MAX_HOLD_MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qlkit.routine import Hold, Move, Routine, Step

MAX_HOLD = MAX_HOLD_MINUTES * 60


def deal(seconds: int, rooms: Sequence[int]) -> list[int]:
    """Share whole seconds among holds in proportion to the room each has.

    They are dealt one by one to whichever hold lags most behind its share (Sainte-Laguë's
    method). Rounding by the largest remainder would shorten a hold now and then when the time
    grows by a second; this never does, and full rooms are met exactly.

    Examples
    --------
    >>> deal(9, [300, 180, 60])
    [5, 3, 1]
    """
    total = sum(rooms)
    # All but the last few are dealt at once; the rounding is in whole numbers, so exact.
    bulk = max(0, seconds - len(rooms))
    shares = [max(0, -((total - 2 * bulk * room) // (2 * total))) if total else 0 for room in rooms]
    while sum(shares) < seconds:
        lag = [(room / (2 * share + 1), -i) for i, (room, share) in enumerate(zip(rooms, shares, strict=True))]
        shares[-max(lag)[1]] += 1
    return shares


def make_plan(
    routine: Routine,
    minutes: float | None = None,
    holds: dict[str, float] | None = None,
    skip: Iterable[str] = (),
    move_seconds: int | None = None,
) -> Plan:
    """Fit a routine to a time; see :meth:`qlkit.routine.Routine.plan`."""
    steps = _kept_steps(routine, (skip,) if isinstance(skip, str) else tuple(skip or ()))
    if move_seconds is not None and not (_is_number(move_seconds) and move_seconds in range(601)):
        raise PlanError(f"move_seconds is {move_seconds!r}; it should be a whole number from 0 to 600")
    given = None if move_seconds is None else int(move_seconds)
    moves = [(s.move.seconds if given is None else given) if s.move else 0 for s in steps]
    fixed = _fixed_holds(steps, holds or {})
    seconds = [fixed.get(s.key, _seconds(s.hold.shortest)) for s in steps]
    if minutes is not None:
        seconds = _fit(routine, steps, moves, seconds, fixed, minutes)
    intervals: list[Interval] = []

    def add(kind: Literal["move", "hold"], key: str, length: int, source: Move | Step, **more: Any) -> None:
        start = intervals[-1].end if intervals else 0
        cautions = tuple(caution.text for caution in source.cautions)
        args = {"start": start, "end": start + length, "cautions": cautions, **more}
        intervals.append(Interval(kind, key, source.title, source.text, **args))

    for step, move, length in zip(steps, moves, seconds, strict=True):
        if step.move:
            cues = cues_of(step.move, move)
            add("move", step.key, move, step.move, pose=step.pose, via=step.move.via, cues=cues)
        more = {"part": step.part, "focus": step.focus or "", "options": tuple(o.title for o in step.options)}
        marks = {"open_ended": step.hold.open_ended, "optional": step.optional}
        add("hold", step.key, length, step, pose=step.pose, cues=cues_of(step, length), **more, **marks)
    for stage in routine.rise:
        cues = cues_of(stage, stage.seconds)
        add("move", f"rise-{stage.key}", stage.seconds, stage, pose=stage.pose, via=stage.via, cues=cues)
    last = intervals.pop()
    intervals.append(Interval(**{**vars(last), "cues": (*last.cues, Cue("bell", 0, "end"))}))
    cautions = tuple(caution.text for caution in routine.cautions)
    return Plan(routine.key, routine.title, routine.source, cautions, tuple(intervals))


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and abs(value) < 1e6


def _seconds(minutes: float) -> int:
    return round(minutes * 60)


def _kept_steps(routine: Routine, skip: tuple[str, ...]) -> list[Step]:
    optional = [step.key for step in routine.steps if step.optional]
    for key in skip:
        if key not in optional:
            what = "is not optional" if key in routine.keys else "is no step of this routine"
            can = f"what can be left out: {', '.join(optional)}" if optional else "no step of it is optional"
            raise PlanError(f"{key!r} {what} ({routine.key}); {can}")
    steps = [step for step in routine.steps if step.key not in skip]
    if not steps:
        raise PlanError(f"nothing is left of {routine.key!r}; leave at least one step in")
    return steps


def _range(hold: Hold) -> str:
    if hold.open_ended:
        return f"{hold.shortest:g} minutes or more, up to {MAX_HOLD_MINUTES}"
    return f"{hold.shortest:g} to {hold.longest:g} minutes"


def _fixed_holds(steps: list[Step], holds: dict[str, float]) -> dict[str, int]:
    by_key = {step.key: step for step in steps}
    if not isinstance(holds, dict):
        raise PlanError(f"holds is {holds!r}; it should be a dict of minutes by step, such as {{'knees-to-chest': 4}}")
    for key, minutes in holds.items():
        if key not in by_key:
            raise PlanError(f"holds names {key!r}, which is no step of this plan; its steps: {', '.join(by_key)}")
        hold = by_key[key].hold
        longest = MAX_HOLD_MINUTES if hold.open_ended else hold.longest
        if not _is_number(minutes) or not hold.shortest <= minutes <= longest:
            raise PlanError(f"{key!r} can be held for {_range(hold)}, not {minutes!r}")
    return {key: _seconds(minutes) for key, minutes in holds.items()}


def _fit(
    routine: Routine,
    steps: list[Step],
    moves: list[int],
    base: list[int],
    fixed: dict[str, int],
    minutes: float,
) -> list[int]:
    """Stretch the holds so that the total is met to the second."""
    if not _is_number(minutes) or minutes <= 0:
        raise PlanError(f"minutes is {minutes!r}; it should be a number above 0, such as 15")
    still = sum(moves) + sum(stage.seconds for stage in routine.rise)
    slack = _seconds(minutes) - still - sum(base)
    if slack < 0:
        text = (
            f"{clock(minutes * 60)} is too short for {routine.key!r}: the shortest possible is "
            f"{clock(still + sum(base))} ({clock(sum(base))} of holds, {clock(still)} of moves and rise)"
        )
        for step, move, held in zip(steps, moves, base, strict=True):
            if step.optional and len(steps) > 1:
                text += f"; leaving out {step.key!r} saves {clock(move + held)}"
        raise PlanError(text)
    free = [step.key not in fixed for step in steps]
    rooms = [_seconds(s.hold.longest) - b if f else 0 for s, b, f in zip(steps, base, free, strict=True)]
    inside = min(slack, sum(rooms))
    shares = deal(inside, rooms)
    beyond = [
        MAX_HOLD - b - r if f and s.hold.open_ended else 0 for s, b, r, f in zip(steps, base, rooms, free, strict=True)
    ]
    if slack - inside > sum(beyond):
        longest = still + sum(base) + sum(rooms) + sum(beyond)
        raise PlanError(
            f"{clock(minutes * 60)} is too long for {routine.key!r}: the longest possible is {clock(longest)}"
        )
    extra = deal(slack - inside, beyond)
    return [b + s + e for b, s, e in zip(base, shares, extra, strict=True)]
