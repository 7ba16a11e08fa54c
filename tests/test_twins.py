"""The two replays, in Python and in the browser's JavaScript, give the same numbers to the last bit."""

import json
import random
import subprocess
from pathlib import Path

import pytest
from test_javascript import find_node

from qlkit import Event, Interval, Plan, replay

CLOCK = (Path(__file__).parents[1] / "qlkit" / "timer" / "clock.js").as_uri()
SCRIPT = f"""
import {{ replay }} from {json.dumps(CLOCK)};
let text = "";
for await (const chunk of process.stdin) text += chunk;
const states = JSON.parse(text).map(([plan, events, now]) => replay(plan, events, now));
process.stdout.write(JSON.stringify(states));
"""
TYPES = ("start", "pause", "resume", "next", "back", "extend", "stop")
WEIGHTS = (1, 5, 6, 6, 9, 9, 0.2)


def make_session(rng):
    """Return a plan, events and a moment; some times fall on the very ends of intervals, some are any double."""
    lengths = rng.choices([0, 1, 7, 10, 45, 90], k=rng.randint(1, 6))
    if not any(lengths):
        lengths[0] = 5
    intervals, end = [], 0
    for length in lengths:
        intervals.append(Interval("hold", "step", "Step", "Rest.", "supine", end, end + length))
        end += length
    epoch = rng.choice([0, 0.1, 1795442700.25])

    def moment():
        return epoch + rng.choice([rng.uniform(0, 1.5 * end), rng.randint(0, end), rng.randint(0, 8 * end) / 8])

    events = [Event("start", epoch)] if rng.random() < 0.9 else []
    if rng.random() < 0.4:
        # Through the plan and back in the first seconds, so that odd lengths lie ahead when what remains is summed up.
        walk = ["extend", "next"] * (len(lengths) - 1) + ["back"] * (len(lengths) - 1)
        events += [Event(kind, epoch + i / 16, rng.uniform(0, 20)) for i, kind in enumerate(walk, 1)]
    for kind in rng.choices(TYPES, WEIGHTS, k=rng.randint(0, 25)):
        events.append(Event(kind, moment(), rng.choice([0.0, 30, -5, rng.uniform(-20, 20)]) if kind == "extend" else 0))
    rng.shuffle(events)
    return Plan("test", "Test", "practitioner", (), tuple(intervals)), events, moment()


def as_javascript_says_it(state):
    return {
        "status": state.status,
        "index": state.index,
        "elapsed": state.elapsed,
        "length": state.length,
        "remaining": state.remaining,
        "totalRemaining": state.total_remaining,
        "started": state.started,
        "time": state.time,
        "visits": [vars(visit) for visit in state.visits],
        "pauses": [list(pause) for pause in state.pauses],
    }


def test_both_give_the_same_numbers():
    node = find_node()
    if node is None:
        pytest.skip("no Node.js from 20.19 on: install it (https://nodejs.org), or a Playwright that brings one")
    rng = random.Random(20)  # noqa: S311
    sessions = [make_session(rng) for _ in range(500)]
    asked = json.dumps([(plan.to_dict(), [e.to_dict() for e in events], now) for plan, events, now in sessions])
    command = [node, "--input-type=module", "--eval", SCRIPT]
    run = subprocess.run(command, input=asked, capture_output=True, encoding="utf-8", timeout=300)
    assert run.returncode == 0, run.stderr
    answers = json.loads(run.stdout)
    assert len(answers) == len(sessions)
    # Both languages write a double with the fewest digits that give it back, so equal here is equal to the last bit.
    for (plan, events, now), answer in zip(sessions, answers, strict=True):
        ours = as_javascript_says_it(replay(plan, events, now))
        theirs = {name: answer[name] for name in ours}
        assert theirs == ours, f"{[i.seconds for i in plan.intervals]}, {[e.to_dict() for e in events]}, now={now!r}"


def test_the_sessions_are_of_all_kinds():
    rng = random.Random(20)  # noqa: S311
    states = [replay(*make_session(rng)) for _ in range(500)]
    assert {state.status for state in states} == {"ready", "running", "paused", "finished", "stopped"}
    assert sum(len(state.visits) > 3 for state in states) > 100
    assert sum(any(visit.extended for visit in state.visits) for state in states) > 100
