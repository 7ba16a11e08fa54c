"""Print how exact a session is and, beside it in the same run, how exact other timers are.

Run as ``python tests/bench/bench_accuracy.py`` (20 minutes: a full labor session, visible and hidden at once), with
``--short`` (a minute and a half) or with ``--faults`` (a kernel that blocks or dies; two minutes).
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "browser")]

from bare import PageServer  # noqa: E402
from conftest import find_chromium  # noqa: E402
from lab import LabServer  # noqa: E402
from references import (  # noqa: E402
    LOG,
    START,
    STARTED,
    LabTab,
    MeasuredSession,
    kept_javascript,
    lateness,
    percentile,
)
from timer_page import short_plan  # noqa: E402

import qlkit  # noqa: E402

CLOCK = {False: 20, True: 100}
CUES = {False: 30, True: 150}
NAME = {False: "visible", True: "hidden"}
IDLE = 10
BLOCKED = 60
TIMER = """
import warnings, qlkit
from qlkit import Plan
warnings.simplefilter("ignore")
timer = qlkit.SessionTimer(Plan.from_dict({plan!r}), lead_in=0)
timer._esm = {javascript!r}
display(timer)"""


def made_up(seconds):
    """Return a plan of five intervals with something to hear in nearly each second."""
    length = seconds // 5
    voices = [qlkit.Cue("voice", at, "start", "One.") for at in range(0, length, 3)]
    ticks = [qlkit.Cue("tick", at, "end") for at in range(5, 0, -1)]
    cues = (qlkit.Cue("chime", 0), *voices, *ticks, qlkit.Cue("bell", 0, "end"))
    return short_plan(length, length, length, count=3, cues=cues)


def verdict(value, budget):
    return f"(budget {budget:g}: {'kept' if value <= budget else 'MISSED'})"


def spread(values):
    """Say how values in ms are spread, in short."""
    p50, p95 = (percentile(values, share) for share in (50, 95))
    return f"p50 {p50:.1f}, p95 {p95:.1f}, max {max(values):.1f} ms"


def load():
    return os.getloadavg()[0]


def machine(version):
    print(f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}, Chromium {version}")


def report_cues(plan, started, log, budget):
    late, missed = lateness(plan, started, log)
    came = sum(map(len, late.values()))
    told = f"{came + len(missed)} due, {came} came, {len(missed)} missed {verdict(len(missed), 0)}"
    print(f"  cues: {told} {missed or ''}")
    for kind, values in late.items():
        if values:
            print(f"    {len(values):3} {kind}: {spread(values)} off {verdict(percentile(values, 95), budget)}")
    off = sorted(((at - due, due - started, kind) for _, kind, due, at in log), reverse=True)[:3]
    print("    latest: " + ", ".join(f"{kind} at {second:.0f} s {1000 * late:.0f} ms" for late, second, kind in off))


def report_session(session):
    name, clock = NAME[session.hidden], CLOCK[session.hidden]
    print(f"\nsession, {name}" + (f" (still hidden at the end: {session.still_hidden})" if session.hidden else ""))
    errors, doubts = session.clock_errors()
    worst = max(map(abs, errors))
    seen = f"{len(errors)} readings, each good to {max(doubts):.1f} ms"
    print(f"  clock against monotonic time: {errors[-1]:+.2f} ms at the end, {worst:.2f} at worst", end=" ")
    print(f"{verdict(worst, clock)}; {seen}")
    if not session.hidden:
        shown = session.shown_errors()
        print(f"  remaining time on screen, {len(shown)} changes: {spread(shown)} late", end=" ")
        print(f"{verdict(percentile(shown, 95), clock)}; a frame is 16.7 ms")
    rows, between = session.transitions()
    print("  transitions, as second of the plan: ms late")
    print("    " + ", ".join(f"{mark}: {late:.1f}" for mark, late, _ in rows), end=" ")
    print(verdict(max(late for _, late, _ in rows), clock))
    report_cues(session.plan, session.started, session.log, CUES[session.hidden])
    print(f"    tones by the audio clock, which is {session.audio};", end=" ")
    print(f"{session.voices} voices here, so the moment counts at which a voice is asked to speak")
    counts = [count for *_, count in rows]
    print(f"  messages to the kernel: at most {max(counts)} for a transition {verdict(max(counts), 2)},", end=" ")
    print(f"{between} between {verdict(between, 0)}")
    task, thread = (a - b for a, b in zip(session.share, session.idle, strict=True))
    told = f"{session.share[0]:.2f} % less {session.idle[0]:.2f} % of an idle page"
    kept = "" if session.hidden else verdict(task, 3)
    print(f"  main thread: {task:.2f} % {kept} ({told}; processor time {thread:.2f} %)")


def run_sessions(plan, hiddens):
    chromium, server, sessions, labs = find_chromium(), PageServer(), [], []
    with tempfile.TemporaryDirectory() as empty:
        lab = LabServer(empty)
    try:
        for hidden in hiddens:
            labs.append((hidden, LabTab(chromium, lab, f"{NAME[hidden]}.ipynb", "")))
        time.sleep(5)
        for hidden in hiddens:
            sessions.append(MeasuredSession(chromium, server, plan, hidden, IDLE))
        machine(sessions[0].tab.version)
        print(f"{plan.title}: {plan.total} s; load before {load():.1f}", flush=True)
        for hidden, tab in labs:
            tab.begin()
            if hidden:
                tab.hide()
        for session in sessions:
            session.begin()
        end, loads = time.monotonic() + plan.total, []
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(60, left))
            loads.append(load())
            for session in sessions if left > 60 else []:
                session.sample()
        for session in sessions:
            session.end()
        others = [(NAME[hidden], *tab.errors()) for hidden, tab in labs]
        print(f"load during the run {min(loads):.1f} to {max(loads):.1f}, mean {sum(loads) / len(loads):.1f}")
        for session in sessions:
            report_session(session)
        print("\nreferences: seconds off at the end; they count whole seconds")
        for session in sessions:
            # What sounds keeps Chromium from slowing a hidden page down, so (a) gains from standing beside the session.
            print(f"  (a) setInterval in the session's page, {NAME[session.hidden]}: {session.ticks_error:+.1f}")
        for name, counted, played in others:
            print(f"  (b) asyncio in the kernel, {name}: {counted:+.1f}\n  (c) Play, {name}: {played:+.1f}")
    finally:
        for tab in (*sessions, *(tab for _, tab in labs)):
            tab.close()
        lab.stop()
        server.close()


def run_faults(plan):
    """Go through a plan three times at once: left alone, with a kernel that blocks, with one that is killed."""
    chromium, tabs = find_chromium(), {}
    cell = TIMER.format(plan=plan.to_dict(), javascript=kept_javascript())
    with tempfile.TemporaryDirectory() as empty:
        lab = LabServer(empty)
    try:
        for name in ("left alone", "blocked", "killed"):
            more = f"import time\ntime.sleep({BLOCKED})"
            tabs[name] = LabTab(chromium, lab, f"{name.replace(' ', '-')}.ipynb", cell, more)
            tabs[name].wait_for("!!(window.measured && document.querySelector('.qlkit-toggle'))")
        machine(tabs["killed"].version)
        pid = tabs["killed"].kernel.evaluate("__import__('os').getpid()")
        time.sleep(5)
        print(f"{plan.title}: {plan.total} s in JupyterLab; load before {load():.1f}", flush=True)
        for tab in tabs.values():
            tab.begin()
            tab.evaluate(START)
        starts = {name: tab.wait_for(STARTED) for name, tab in tabs.items()}
        tabs["blocked"].run(1)
        time.sleep(plan.total / 4)
        os.kill(pid, signal.SIGKILL)
        time.sleep(plan.total * 3 / 4)
        for name, tab in tabs.items():
            tab.wait_for("measured.get('status') === 'finished'", 60)
            how = {"blocked": f" for {BLOCKED} s", "killed": f" after {plan.total // 4} s"}.get(name, "")
            print(f"\nkernel {name}{how}")
            report_cues(plan, starts[name], tab.evaluate(LOG), CUES[False])
            counted, played = tab.errors()
            print(f"  references, seconds off: asyncio in the kernel {counted:+.1f}, Play {played:+.1f}")
        print(f"load at the end {load():.1f}")
    finally:
        for tab in tabs.values():
            tab.close()
        lab.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=19, help="length of the labor session, from 11.5 (default 19)")
    parser.add_argument("--short", action="store_true", help="a made-up plan of 60 s")
    parser.add_argument("--faults", action="store_true", help="a kernel that blocks, and one that is killed")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--visible", action="store_true", help="only the visible page")
    only.add_argument("--hidden", action="store_true", help="only the hidden page")
    given = parser.parse_args()
    if given.faults:
        return run_faults(made_up(80))
    plan = made_up(60) if given.short else qlkit.load_routine("labor").plan(minutes=given.minutes)
    return run_sessions(plan, [hidden for hidden in (False, True) if not (given.visible if hidden else given.hidden)])


if __name__ == "__main__":
    main()
