"""Words for every picture: what is drawn, said in sentences and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from qlkit.errors import QlkitError
from qlkit.plan import Plan, clock
from qlkit.session import Record, State

if TYPE_CHECKING:
    from qlkit.journal import Journal

KNOWN = (
    "a Routine, a Plan or several, a State, a Record, a SessionTimer, a Journal, a Pose, the key of a pose or table, "
    "or 'ql'"
)
LATEST = 20
"""How many sessions of a journal are listed."""


def describe(thing: Any) -> str:
    """Say in words what a picture of ``thing`` shows; the first line says what matters most.

    Parameters
    ----------
    thing : Routine, Plan, sequence of Plan, State, Record, SessionTimer, Journal, Pose or str
        A text is the key of a pose or of a table of evidence, or ``"ql"`` for the muscle.

    Returns
    -------
    str
        Sentences, and a table where there are rows.

    Examples
    --------
    >>> import qlkit
    >>> plan = qlkit.load_routine("sitting").plan()
    >>> qlkit.describe(plan).splitlines()[0]
    'After too much sitting: 6:00 in all, 5:00 of it held.'
    >>> qlkit.describe(qlkit.replay(plan, [qlkit.Event("start", 0.0)], 80.0))
    'Running: Rest on your back, 1:20 of 5:00, 4:40 left in all.'
    """
    if isinstance(thing, Plan | Record):
        return thing.describe()
    if isinstance(thing, State):
        return _state(thing)
    if isinstance(thing, str):
        return _key(thing)
    if isinstance(record := getattr(thing, "record", None), Record):
        # A timer; that it has a record tells it apart, without loading the rooms of the notebook.
        return (record.plan if record.started is None else record).describe()
    if isinstance(thing, Iterable) and (plans := list(thing)) and all(isinstance(p, Plan) for p in plans):
        return _side_by_side(plans)
    from qlkit.journal import Journal

    if isinstance(thing, Journal):
        return _journal(thing)
    # These rooms take time to load, so they come last.
    from qlkit.body import Pose
    from qlkit.routine import Routine

    if isinstance(thing, Routine):
        return thing.describe()
    if isinstance(thing, Pose):
        return f"{thing.title}. {thing.words}"
    raise QlkitError(f"{thing!r} can't be described; what can: {KNOWN}")


def _state(state: State) -> str:
    name, left = state.interval.name, clock(state.total_remaining)
    if state.status == "ready":
        return f"Ready: {name} comes first, {left} in all."
    if state.status == "finished":
        return f"Finished after {clock(state.time)}."
    where = f"{name}, {clock(state.elapsed)} of {clock(state.length)}"
    if state.status == "stopped":
        return f"Stopped after {clock(state.time)}: {where}, {left} of the plan left."
    return f"{state.status.capitalize()}: {where}, {left} left in all."


def _side_by_side(plans: list[Plan]) -> str:
    if len(plans) == 1:
        return plans[0].describe()
    ranked = sorted(plans, key=lambda plan: -plan.total)
    long, short = ranked[0], ranked[-1]
    if long.total == short.total:
        first = f"{len(plans)} plans side by side, each {clock(long.total)} long."
    else:
        first = (
            f"{len(plans)} plans side by side: {long.title} ({clock(long.total)}) is {clock(long.total - short.total)} "
            f"longer than {short.title} ({clock(short.total)})."
        )
    return "\n\n".join([first, *(plan.describe() for plan in plans)])


def _key(key: str) -> str:
    from qlkit.body import load_pose, pose_keys

    if key in pose_keys():
        return describe(load_pose(key))
    from qlkit.evidence import describe_evidence, evidence_keys

    if key in evidence_keys():
        return describe_evidence(key)
    if key == "ql":
        from qlkit.plots.anatomy import describe_ql

        return describe_ql()
    keys = f"poses: {', '.join(pose_keys())}; tables: {', '.join(evidence_keys())}"
    raise QlkitError(f"{key!r} is no key of a pose or of a table; {keys}")


def _journal(journal: Journal) -> str:
    sessions = journal.sessions()
    if not sessions:
        return "An empty journal: no session is in it yet."
    days = [f"{session['started'].astimezone():%Y-%m-%d}" for session in sessions]
    span = f"on {days[0]}" if days[0] == days[-1] else f"from {days[0]} to {days[-1]}"
    held = sum(row["actual"] for row in journal.rows() if row["kind"] == "hold")
    ends = {"finished": "finished", "stopped": "stopped early", "running": "with no end", "paused": "with no end"}
    counts = Counter(ends[session["status"]] for session in sessions)
    lines = [
        f"{_several(len(sessions), 'session')} {span}, {_several(round(held / 60), 'minute')} held in all.",
        ", ".join(f"{counts[end]} {end}" for end in dict.fromkeys(ends.values()) if counts[end]) + ".",
    ]
    rated = [(s["before"], s["after"]) for s in sessions if None not in (s["before"], s["after"])]
    if rated:
        before, after = (sum(each) / len(rated) for each in zip(*rated, strict=True))
        of = _several(len(rated), "session")
        lines.append(f"Tension, from 0 to 10: {before:.1f} before and {after:.1f} after, mean of {of}.")
    for day, session in list(zip(days, sessions, strict=True))[: -LATEST - 1 : -1]:
        parts = [f"{clock(session['actual'])} of {clock(session['planned'])} planned", ends[session["status"]]]
        parts += [f"paused {clock(session['paused'])}"] if session["paused"] else []
        parts += [f"tension {when} {session[when]}" for when in ("before", "after") if session[when] is not None]
        parts += [" ".join(session["note"].split())] if session["note"] else []
        lines.append(f"{day}  {session['title']}: {', '.join(parts)}")
    earlier = len(sessions) - LATEST
    return "\n".join(lines + [f"and {_several(earlier, 'session')} before these"] * (earlier > 0))


def _several(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
