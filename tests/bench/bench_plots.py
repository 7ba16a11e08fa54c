"""How long the pictures of time take, each drawn and written to SVG: the median of 15 runs in ms."""

import io
import os
import platform
import statistics
import time

import matplotlib as mpl
from matplotlib.figure import Figure

import qlkit
from qlkit import Event, Plan, Record
from qlkit.plots.session import plot_session
from qlkit.plots.style import COLORS, style


def svg(ax):
    file = io.BytesIO()
    with style():
        ax.get_figure().savefig(file, format="svg", metadata={"Date": None})
    return len(file.getvalue())


def median_ms(work, runs=15):
    for _ in range(3):
        work()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def bare(ax):
    """Draw a broken_barh and nothing else, in a figure of the same size."""
    with style():
        plain = Figure(figsize=ax.get_figure().get_size_inches()).add_subplot()
        plain.broken_barh([(0, 120), (140, 411), (561, 187), (748, 82)], (0, 1), facecolors=COLORS["hold"])
    return plain


def steps(count):
    """Make a plan of that many steps."""
    intervals, at = [], 0
    for n in range(1, count + 1):
        for kind, title, seconds in (("move", "Change position", 5), ("hold", f"Position number {n}", 265)):
            intervals.append(qlkit.Interval(kind, f"s{n}", title, "", "supine", at, at + seconds))
            at += seconds
    return Plan("made", f"{count} steps", "", (), tuple(intervals))


def main():
    labor = qlkit.load_routine("labor").plan(minutes=15)
    sitting = qlkit.load_routine("sitting").plan(minutes=10)
    events = [("start", 0), ("pause", 200), ("resume", 240), ("extend", 300, 30), ("next", 700)]
    record = Record(labor, [Event(*event) for event in events], until=2000.0)
    four, forty = steps(4), steps(40)
    like = qlkit.plot_timeline(labor)
    rows = {
        "bare broken_barh of the same size": (lambda: svg(bare(like)), None),
        "plot_timeline, labor in 15 min": (lambda: svg(qlkit.plot_timeline(labor)), "80 ms"),
        "plot_timeline, sitting and labor": (lambda: svg(qlkit.plot_timeline([sitting, labor])), None),
        "plot_timeline, 4 steps": (lambda: svg(qlkit.plot_timeline(four)), None),
        "plot_timeline, 40 steps": (lambda: svg(qlkit.plot_timeline(forty)), "twice that of 4 steps"),
        "plot_session, labor in 15 min": (lambda: svg(plot_session(record)), "120 ms"),
    }
    python, library = platform.python_version(), mpl.__version__
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {python}, matplotlib {library}")
    for name, (work, budget) in rows.items():
        print(f"{name:36} {median_ms(work):6.1f} ms" + (f"   (budget: {budget})" if budget else ""))


if __name__ == "__main__":
    main()
