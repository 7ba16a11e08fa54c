"""What is heard in an interval, and a check that none of it gets into the way of the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qlkit.plan import Cue

if TYPE_CHECKING:
    from qlkit.plan import Interval, Plan
    from qlkit.routine import Move, Step

TICKS = 5
WORDS_PER_SECOND = 2.2
"""A calm speaking rate (teaching choice), used to keep spoken cues apart."""
LONGEST_SENTENCE = 10
"""Seconds; a longer one is cut off by some browsers."""


def speech_seconds(text: str) -> float:
    """Estimate how long a text takes to say at a calm rate."""
    return len(text.split()) / WORDS_PER_SECOND + 0.5


def cues_of(source: Move | Step, length: int) -> tuple[Cue, ...]:
    """Return what is heard in an interval; spoken cues are kept apart from each other."""
    spoken = f"{source.title}. {source.say or source.text}"
    cues = [Cue("chime", 0), Cue("voice", 0, "start", spoken)]
    hold = getattr(source, "hold", None)
    if hold is None:
        return tuple(cues)
    taken = [(0.0, speech_seconds(spoken) + 5)]
    if length >= 4 * 60:
        cues.append(Cue("voice", length // 2, "start", "Halfway."))
        taken.append((length / 2 - 15, length / 2 + 15))
    if length >= 3 * 60:
        cues.append(Cue("voice", 60, "end", "One minute left."))
        taken.append((length - 75, length))
    elif length >= 20:
        taken.append((length - 15, length))
    count = length // 90 if source.reminders else 0
    for i in range(count):
        at = length * (i + 1) // (count + 1)
        text = source.reminders[i % len(source.reminders)]
        if not any(begin < at + speech_seconds(text) and at < end for begin, end in taken):
            cues.append(Cue("voice", at, "start", text))
            taken.append((at, at + speech_seconds(text)))
    if length >= 20:
        cues += [Cue("tick", n, "end") for n in range(TICKS, 0, -1)]
    return tuple(cues)


def lint(plan: Plan) -> list[str]:
    """Find speech that would be cut, run long or be missing; each finding names its step.

    Examples
    --------
    >>> from qlkit import load_routine
    >>> lint(load_routine("labor").plan(move_seconds=3))[0]
    "'Knees up, feet down' (step feet-planted): 3 s are too short for what is said, which takes about 10 s"
    """
    return [f"{i.title!r} (step {i.step}): {finding}" for i in plan.intervals for finding in _findings(i)]


def _findings(interval: Interval) -> list[str]:
    spoken = [(at - interval.start, cue.text) for at, cue in interval.cue_times() if cue.kind == "voice"]
    if not spoken or not spoken[0][1].startswith(interval.title):
        return ["its title is not spoken"]
    found = []
    ends = [at for at, _ in spoken[1:]] + [interval.seconds]
    for (at, text), end in zip(spoken, ends, strict=True):
        if at + speech_seconds(text) > end:
            cut = f"{end} s are too short for what is said" if end == interval.seconds else f"{text!r} is cut off"
            found.append(f"{cut}, which takes about {speech_seconds(text):.0f} s")
        for sentence in re.split(r"(?<=[.!?:;])\s+", text):
            if speech_seconds(sentence) > LONGEST_SENTENCE:
                found.append(f"{sentence!r} takes longer than {LONGEST_SENTENCE} s to say; make two sentences of it")
    return found
