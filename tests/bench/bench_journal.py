"""How long the journal takes with 10,000 sessions, and its picture with 100,000 rows, each in a fresh interpreter."""

import os
import platform
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import qlkit

SESSIONS, START = 10_000, 1_700_000_000.25


def records():
    """Yield sessions of the labor routine, two a day, with a pause, some seconds more, a skip and their cues."""
    plans = [qlkit.load_routine("labor").plan(minutes=minutes) for minutes in range(12, 42)]
    for n in range(SESSIONS):
        plan, at = plans[n % len(plans)], START + n * 43_200
        events = [("start", 0), ("pause", 200.123), ("resume", 240.5), ("extend", 300.1, 30.0)]
        events += [("next", 500.2)] * (n % 3 == 0) + [("stop", plan.total + 60.0 - 40 * (n % 5))]
        cues = [due for i in plan.intervals for due, _ in i.cue_times()]
        log = tuple((f"0/{k}", "chime", at + due, at + due + 0.004) for k, due in enumerate(cues))
        yield qlkit.Record(plan, [qlkit.Event(kind, at + t, *more) for kind, t, *more in events], None, log)


def write(path):
    times = []
    with qlkit.Journal(path) as journal:
        for record in records():
            begin = time.perf_counter()
            journal.add(record)
            times.append(time.perf_counter() - begin)
    times.sort()
    print(f"add: median {1000 * statistics.median(times):.2f} ms (budget 5), 99 of 100 in {1000 * times[-100]:.1f} ms")
    print(f"     the file has {path.stat().st_size / SESSIONS / 1000:.1f} kB a session")


def read(path):
    begin = time.perf_counter()
    rows = qlkit.Journal(path).rows()
    print(f"open and read {len(rows)} rows of {SESSIONS} sessions: {time.perf_counter() - begin:.2f} s (budget 0.5)")


def plot(path):
    import matplotlib.figure  # noqa: F401 (to load the library is not what is measured)

    journal = qlkit.Journal(path)
    begin = time.perf_counter()
    figure = qlkit.plot_journal(journal)
    drawn = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        figure.savefig(Path(folder) / "journal.png")
    print(f"plot them: {drawn:.2f} s, with a PNG {time.perf_counter() - begin:.2f} s (budget 3)")


def main():
    if len(sys.argv) > 1:
        work, path = sys.argv[1:]
        {"write": write, "read": read, "plot": plot}[work](Path(path))
        print(f"     {work}: at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB (budget 200)")
        return
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    print(f"{machine}, SQLite {sqlite3.sqlite_version}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for work in ("write", "read", "plot"):
            subprocess.run([sys.executable, __file__, work, str(Path(folder) / "journal.sqlite")], check=True)


if __name__ == "__main__":
    main()
