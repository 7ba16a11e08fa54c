"""A second pair of eyes on a routine: what its author may have overlooked, in plain sentences."""

import html
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from numbers import Real

from qlkit.body import load_pose
from qlkit.cues import lint
from qlkit.errors import PlanError, QlkitError, RoutineError
from qlkit.routine import Caution, Routine, Step
from qlkit.routine_file import load_routine, routines

NOTHING = "Nothing found: times, moves, sides, cautions, speech and getting up fit together."
FAR = 30
"""Degrees at a hip, at a knee or of the whole body from which a new pose takes a move (teaching choice)."""

_COUNTED = {"half": 0.5, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
_NUMBER = rf"(\d+(?:[.,]\d+)?|\b(?:{'|'.join(_COUNTED)})\b)(?: an?)?"
_TIME = re.compile(rf"(?:{_NUMBER} ?(?:to|or|–|-) ?)?{_NUMBER}[ -](min|sec)(?:ute|ond)?s?\b", re.IGNORECASE)
_NO_HOLD = re.compile(r"\b(?:after|first|last|every)(?: the| about)* $", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:at least|longer|more|minimum)\b", re.IGNORECASE)
_SIDE = re.compile(
    r"(?<!\ball )(?<!\bis )(?<!minute )(?<!minutes )\b(left|right)\b(?! (?:away|now|angle))", re.IGNORECASE
)
_BOTH = re.compile(r"\b(?:each|both|either|change|switch) (?:side|leg|arm|knee|hip)s?\b", re.IGNORECASE)


class Findings(tuple[str, ...]):
    """Sentences about a routine, each naming its step; a notebook shows them as a list."""

    def __repr__(self) -> str:
        """Return the sentences, one a line."""
        return "\n".join(f"- {finding}" for finding in self) or NOTHING

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(finding)}</li>" for finding in self)
        return f"<ul>{items}</ul>" if items else f"<p>{NOTHING}</p>"


def review(routine: Routine | str | os.PathLike[str], minutes: float | None = None) -> Findings:
    """Look through a routine for what its author may have overlooked.

    Parameters
    ----------
    routine : Routine, str or path
        A routine, its key, or a routine file; what is wrong with a file is found too.
    minutes : float, optional
        The time at hand.

    Examples
    --------
    >>> import qlkit
    >>> qlkit.review("labor")
    Nothing found: times, moves, sides, cautions, speech and getting up fit together.
    >>> qlkit.review("sitting", minutes=5)
    - 5:00 is too short for 'sitting': the shortest possible is 6:00 (5:00 of holds, 1:00 of moves and rise)
    """
    if minutes is not None and (not isinstance(minutes, Real) or not minutes > 0):
        raise QlkitError(f"minutes is {minutes!r}; it should be a number above 0, such as 15")
    try:
        routine = routine if isinstance(routine, Routine) else load_routine(routine)
    except RoutineError as error:
        return Findings(error.problems)
    return Findings(_findings(routine, minutes))


def known_cautions(step: Step) -> tuple[Caution, ...]:
    """Return the cautions that the built-in routines give to a step's pose."""
    steps = [known for routine in routines().values() for known in routine.steps]
    same = [known for known in steps if step.pose in (known.pose, *(option.pose for option in known.options))]
    return tuple(dict.fromkeys(caution for known in same for caution in known.cautions))


def _findings(routine: Routine, minutes: float | None) -> Iterator[str]:
    last = (*routine.steps, *routine.rise)[-1]
    if {"thorax", "shoulder_right"} & set(load_pose(last.pose).floor):
        yield f"{_name(last)}: the routine ends lying; add a rise with the stages from there to standing"
    for before, step in pairwise(routine.steps):
        if step.move is None and _far(before.pose, step.pose):
            yield f"{_name(step)}: its pose is not that of {before.title!r}, so it takes a move, with its seconds"
    for step in routine.steps:
        yield from (f"{_name(step)}: {fault}" for fault in _times(step))
        if not step.cautions and (known := known_cautions(step)):
            told = " / ".join(caution.text for caution in known)
            yield f"{_name(step)}: it has no caution, though its pose is known to need some: {told}"
    sides = [(step, _side(step)) for step in routine.steps]
    for side, other in (("left", "right"), ("right", "left")):
        lone = [step for step, of in sides if of == side][sum(of == other for _, of in sides) :]
        yield from (f"{_name(step)}: it is for the {side} side only; add a step for the {other} side" for step in lone)
    shortest = routine.plan()
    try:
        routine.plan(minutes=minutes and min(minutes, shortest.total / 60))  # more time than it takes is no fault
    except PlanError as error:
        yield str(error)
    yield from lint(shortest)


def _name(step: Step) -> str:
    return f"{step.title!r} (step {step.key})"


def _far(a: str, b: str) -> bool:
    """Whether the legs or the whole body come to another place; arms, head and a tilt come along in a breath."""
    before, after = load_pose(a).angles, load_pose(b).angles
    joints = ("pitch", "roll", "hip_left", "hip_right", "knee_left", "knee_right")
    return any(abs(before[joint] - after[joint]) > FAR for joint in joints)


def _times(step: Step) -> Iterator[str]:
    """Find lengths in what is said of a step that its hold does not keep to."""
    hold = step.hold
    for field, text in (("text", step.text), ("say", step.say or ""), ("focus", step.focus or "")):
        for time in _TIME.finditer(text):
            before, after = text[: time.start()], text[time.end() :]
            if _NO_HOLD.search(before) or _BOTH.search(after[:20]):
                continue
            numbers = [float(_COUNTED.get(n.lower(), n.replace(",", "."))) for n in time.groups()[:2] if n]
            low, high = (n / (1 if time[3].lower() == "min" else 60) for n in (numbers[0], numbers[-1]))
            longer = bool(_OPEN.search(before[-12:] + after[:12]))
            fits = hold.shortest >= low if longer else not hold.open_ended and hold.longest == high
            if not fits or (len(numbers) == 2 and (low, high) != (hold.shortest, hold.longest)):
                yield f"its {field} says {time[0]!r}, but its hold is {hold}; make the two agree"


def _side(step: Step) -> str | None:
    """Return the side that a step names, if it names just one; its words count before its pose."""
    said = (step.key, step.title, step.text, step.say, step.focus, *(option.title for option in step.options))
    for text in (" ".join(filter(None, said)).replace("-", " "), step.pose.replace("-", " ")):
        if sides := {side.lower() for side in _SIDE.findall(text)}:
            return sides.pop() if len(sides) == 1 and not _BOTH.search(text) else None
    return None
