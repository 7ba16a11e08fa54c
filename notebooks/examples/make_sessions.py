"""Make `made_up_sessions.jsonl`, the sessions that lesson 06 reads: `python make_sessions.py`.

Nobody did these sessions. They are made up, with fixed times, so that there is something to read.
"""

from datetime import UTC, datetime
from pathlib import Path

import qlkit

SESSIONS = (
    # day, routine, minutes; what happened, in seconds from the start; tension before and after; note
    ("10-05", "sitting", 8, [], 6, 4, "first try"),
    ("10-07", "sitting", 8, [("pause", 150), ("resume", 210)], 5, 4, "telephone"),
    ("10-09", "labor", 13, [("next", 653)], 7, 5, "moved boxes; left out the head raise"),
    ("10-13", "sitting", 10, [("extend", 400, 120)], 6, 3, None),
    ("10-15", "labor", 15, [("stop", 320)], 6, None, "visitors came"),
    ("10-17", "labor", 15, [("extend", 600, -60), ("next", 700)], 4, 4, "in the garden all day"),
    ("10-21", "sitting", 10, [], 5, 5, "thought of work"),
    ("10-24", "labor", 15, [("extend", 300, 60), ("next", 820)], 7, 4, None),
    ("10-28", "sitting", 12, [], None, None, None),
    ("10-31", "labor", 15, [("pause", 400), ("resume", 430), ("next", 790)], 6, 3, "the cat"),
    ("11-03", "sitting", 10, [("extend", 300, 60)], 4, 5, "a sore neck after it"),
    ("11-06", "labor", 17, [("next", 866)], 6, 3, None),
)


def record(day, routine, minutes, happened):
    """Return one session, begun at noon UTC; its cues come 20 ms late, and one of them half a second."""
    plan = qlkit.load_routine(routine).plan(minutes=minutes)
    begin = datetime.fromisoformat(f"2026-{day}T12:00:00").replace(tzinfo=UTC).timestamp()
    events = [qlkit.Event("start", begin), *(qlkit.Event(kind, begin + at, *more) for kind, at, *more in happened)]
    state = qlkit.replay(plan, events, begin + 7200)
    if state.status == "finished":
        events.append(qlkit.Event("stop", begin + state.time))
    log = []
    for number, visit in enumerate(state.visits):
        for n, cue in enumerate(plan.intervals[visit.index].cues):
            at = visit.start + cue.at if cue.anchor == "start" else visit.end - cue.at
            if visit.start <= at < visit.end or cue.kind == "bell":
                late = 0.5 if (number, n) == (2, 2) else 0.02
                log.append((f"{number}/{n}", cue.kind, begin + at, begin + at + late))
    return qlkit.Record(plan, events, begin + state.time, tuple(sorted(log, key=lambda entry: entry[2])))


def main():
    with qlkit.Journal(":memory:") as journal:
        for day, routine, minutes, happened, before, after, note in SESSIONS:
            journal.add(record(day, routine, minutes, happened), before=before, after=after, note=note)
        target = Path(__file__).with_name("made_up_sessions.jsonl")
        print(f"{target.name}: {journal.export(target)} sessions, {target.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
