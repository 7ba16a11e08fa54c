"""How long the pictures take, each drawn and written to SVG: the median of 15 runs in ms, beside its budget."""

import io
import os
import platform
import statistics
import time
from itertools import pairwise

import matplotlib as mpl
from matplotlib.figure import Figure

import qlkit
from qlkit import Event, Plan, Record
from qlkit.evidence import evidence_keys
from qlkit.plots.style import COLORS, style


def svg(drawn):
    file = io.BytesIO()
    with style():
        (drawn if isinstance(drawn, Figure) else drawn.get_figure()).savefig(
            file, format="svg", metadata={"Date": None}
        )
    return len(file.getvalue())


def medians_ms(*works, runs=15):
    """Take turns, so that what else the machine does meets all of them alike."""
    times = []
    for _ in range(3 + runs):
        begins = [time.perf_counter()]
        for work in works:
            work()
            begins.append(time.perf_counter())
        times.append([1000 * (end - begin) for begin, end in pairwise(begins)])
    return [statistics.median(each) for each in zip(*times[3:], strict=True)]


def bare(ax):
    """Draw a broken_barh and nothing else, in a figure of the same size."""
    with style():
        plain = Figure(figsize=ax.get_figure().get_size_inches()).add_subplot()
        plain.broken_barh([(0, 120), (140, 411), (561, 187), (748, 82)], (0, 1), facecolors=COLORS["hold"])
    return plain


def steps(count, own=False):
    """Make a plan of that many steps, each move with the same title or with its own."""
    intervals, at = [], 0
    for n in range(1, count + 1):
        move = f"Change position s{n}" if own else "Change position"
        for kind, title, seconds in (("move", move, 5), ("hold", f"Position number {n}", 265)):
            intervals.append(qlkit.Interval(kind, f"s{n}", title, "", "supine", at, at + seconds))
            at += seconds
    return Plan("made", f"{count} steps", "", (), tuple(intervals))


def main():
    labor = qlkit.load_routine("labor").plan(minutes=15)
    sitting = qlkit.load_routine("sitting").plan(minutes=10)
    events = [("start", 0), ("pause", 200), ("resume", 240), ("extend", 300, 30), ("next", 700)]
    log = [(str(at), cue.kind, at, at + 0.01) for i in labor.intervals for at, cue in i.cue_times()]
    record = Record(labor, [Event(*event) for event in events], until=2000.0, log=tuple(log))
    like = qlkit.plot_timeline(labor)
    rows = {
        "bare broken_barh of the same size": (lambda: bare(like), None),
        "plot_pose, supine": (lambda: qlkit.plot_pose("supine"), 60),
        "plot_timeline, labor in 15 min": (lambda: qlkit.plot_timeline(labor), 80),
        "plot_timeline, sitting and labor": (lambda: qlkit.plot_timeline([sitting, labor]), None),
        "plot_session, labor in 15 min": (lambda: qlkit.plot_session(record), 120),
        "plot_session, with its log of cues": (lambda: qlkit.plot_session(record, cues=True), 120),
        "plot_storyboard, labor in 15 min": (lambda: qlkit.plot_storyboard(labor), 400),
        "plot_ql": (qlkit.plot_ql, None),
    }
    rows |= {f"plot_evidence, {key}": (lambda key=key: qlkit.plot_evidence(key), None) for key in evidence_keys()}
    python, library = platform.python_version(), mpl.__version__
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {python}, matplotlib {library}")
    for name, (work, budget) in rows.items():
        print(
            f"{name:44} {medians_ms(lambda work=work: svg(work()))[0]:6.1f} ms"
            + f"   (budget: {budget} ms)" * bool(budget)
        )
    for name, own in (("moves with one title", False), ("moves with own titles", True)):
        plans = (steps(4, own), steps(40, own))
        short, long = medians_ms(*(lambda plan=plan: svg(qlkit.plot_timeline(plan)) for plan in plans))
        print(f"{f'timeline, 4 steps, {name}':44} {short:6.1f} ms")
        print(f"{f'timeline, 40 steps, {name}':44} {long:6.1f} ms, {long / short:.2f} times (budget: 2 times)")


if __name__ == "__main__":
    main()
