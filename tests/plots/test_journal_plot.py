import io
import time
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from test_timeline import TITLES, make

from qlkit import Event, Journal, QlkitError, Record, load_routine, plot_journal
from qlkit.plots.journal import LEVELS
from qlkit.plots.style import COLORS

SITTING = load_routine("sitting").plan(minutes=10)
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()
DAY = 86_400


def journal(*sessions):
    """Make a journal of sessions: day from the first Monday, seconds until the stop, and perhaps a plan."""
    made = Journal(":memory:")
    for day, seconds, *plan in sessions:
        at = MONDAY + day * DAY
        made.add(Record(*(plan or [SITTING]), [Event("start", at), Event("stop", at + seconds)]))
    return made


def texts(figure):
    """Return every text that is drawn."""
    for ax in figure.axes:
        found = list(ax.texts)
        for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
            low, high = axis.get_view_interval()
            found += [axis.label, *(tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)]
        yield from (text for text in found if text.get_visible() and text.get_text().strip())


def faults(figure):
    """List the texts that overlap or are cut off by the figure."""
    figure.draw_without_rendering()
    renderer = figure._get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts(figure)]
    found = []
    for n, (a, p) in enumerate(boxes):
        if p.x0 < -0.5 or p.y0 < -0.5 or p.x1 > figure.bbox.x1 + 0.5 or p.y1 > figure.bbox.y1 + 0.5:
            found.append(f"{a!r} is cut off")
        for b, q in boxes[:n]:
            if min(p.x1, q.x1) - max(p.x0, q.x0) > 0.5 and min(p.y1, q.y1) - max(p.y0, q.y0) > 0.5:
                found.append(f"{a!r} meets {b!r}")
    return found


def words(figure):
    return " ".join(" ".join(text.get_text() for text in texts(figure)).split())


def heights(ax):
    return [(bar.get_x(), round(bar.get_height(), 2)) for bar in ax.patches if bar.get_height()]


def days(figure):
    """Return the squares of days that had sessions, as (column, row, size, colour)."""
    page = figure.axes[0]
    every = next(dots for dots in page.collections if dots.get_gid() is None).get_offsets()
    xs, ys = sorted({x for x, _ in every}), sorted({y for _, y in every})
    return sorted(
        (xs.index(x), ys.index(y), dots.get_sizes()[0], tuple(dots.get_facecolor()[0]))
        for dots in page.collections
        if dots.get_gid() == "day"
        for x, y in dots.get_offsets()
        if x in xs and y in ys
    )


def test_a_day_is_a_square_with_its_minutes():
    figure = plot_journal(journal((0, 300), (0.1, 360), (9, 1500), (16, 60)))
    assert [(column, row) for column, row, *_ in days(figure)] == [(0, 0), (1, 2), (2, 2)]
    assert {text.get_text() for text in figure.axes[0].texts} >= {"11", "10", "1", "Mon", "Wed", "Fri", "Nov 2026"}
    assert faults(figure) == []


def test_where_squares_are_small_their_size_says_what_their_colour_does():
    plan = make([(0, 3600)])
    figure = plot_journal(journal((0, 300, plan), (1, 900, plan), (2, 1800, plan), (3, 3000, plan), (300, 300, plan)))
    drawn = days(figure)[:4]
    assert [row for _, row, *_ in drawn] == [0, 1, 2, 3]
    sizes, reds = [size for *_, size, _ in drawn], [color[0] for *_, color in drawn]
    assert sizes == sorted(set(sizes))
    assert reds == sorted(set(reds), reverse=True)
    assert all(said in words(figure) for *_, said in LEVELS)
    assert faults(figure) == []


def test_weeks_are_bars_of_minutes():
    figure = plot_journal(journal((0, 300), (6, 300), (7, 120), (21, 600)))
    weeks = figure.axes[1]
    assert heights(weeks) == [(0, 10), (1, 2), (3, 10)]
    assert [text.get_text() for text in weeks.texts] == ["10", "2", "10"]
    assert weeks.get_xticklabels()[0].get_text() == "2 Nov 2026"


def test_of_many_weeks_a_bar_is_the_mean_of_several():
    figure = plot_journal(journal(*((7 * week, 120) for week in range(300)), (7 * 299 + 1, 480)))
    bars = heights(figure.axes[1])
    assert "Minutes a week, mean of 4 weeks" in words(figure)
    assert bars[:2] == [(0, 2), (4, 2)]
    assert len(bars) == 75
    assert bars[-1] == (296, 4)
    assert "the latest 106 of 300 weeks" in words(figure)


def test_the_last_bar_counts_only_the_weeks_there_were():
    figure = plot_journal(journal(*((7 * week, 120) for week in range(301))))
    assert heights(figure.axes[1])[-1] == (300, 2)


def test_each_step_is_a_bar_beside_what_was_planned():
    labor = load_routine("labor").plan(minutes=15)
    first = labor.intervals[0]
    figure = plot_journal(journal((0, 60, labor), (1, first.seconds, labor), (8, 10, SITTING)))
    names = [i.name for i in labor.intervals if i.kind == "hold"] + [SITTING.intervals[0].name]
    axes = figure.axes[2:]
    assert len(axes) == len(names)
    assert [words(figure).index(name) for name in names] == sorted(words(figure).index(name) for name in names)
    assert heights(axes[0]) == [(0, round((60 + first.seconds) / 120, 2))]
    lines = [c for c in axes[0].collections if c.get_gid() == "planned"]
    assert [segment[0, 1] for line in lines for segment in line.get_segments()] == [first.seconds / 60]
    assert heights(axes[1]) == []  # planned, and not done
    assert heights(axes[4]) == [(1, 0.17)]
    assert {bar.get_facecolor() for ax in figure.axes[1:] for bar in ax.patches} == {rgba(COLORS["actual"])}


def rgba(color):
    from matplotlib.colors import to_rgba

    return to_rgba(color)


def test_of_many_steps_the_most_frequent_are_drawn():
    many = make([(0, 10)] * 9, name="Position {}")
    figure = plot_journal(journal((0, 60, many), (1, 60, SITTING), (2, 60, SITTING)))
    assert len(figure.axes) == 8
    assert "the 6 most frequent of 10 steps" in words(figure)
    assert SITTING.intervals[0].name in words(figure)


def test_steps_of_the_same_name_say_of_which_routine():
    one, other = make([(0, 60)], title="In the morning"), make([(0, 60)], title="At night")
    assert "(In the morning)" not in words(plot_journal(journal((0, 60, one))))
    figure = plot_journal(journal((0, 60, one), (1, 60, other), (2, 60, SITTING)))
    assert "Position 1 (In the morning)" in words(figure)
    assert "Position 1 (At night)" in words(figure)
    assert f"{SITTING.intervals[0].name} (" not in words(figure)


def test_days_are_those_of_the_time_zone(monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        figure = plot_journal(journal((6.4, 300)))  # late on a Sunday in UTC, and Monday there
        assert [row for _, row, *_ in days(figure)] == [0]
        assert figure.axes[1].get_xticklabels()[0].get_text() == "9 Nov 2026"
    finally:
        monkeypatch.undo()
        time.tzset()


HISTORIES = st.lists(
    st.tuples(st.integers(0, 40) | st.integers(0, 5000), st.integers(0, 4000), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=12)
@given(HISTORIES, TITLES, TITLES)
@example([(0, 0, 0)], "W" * 60, "$x^2$ {}")
@example([(0, 4000, 1), (20, 300, 0)], "a", "b")
@example([(0, 300, 0), (105 * 7, 300, 1)], "a", "b")
@example([(3, 300, 0), (20_000, 3000, 2)], "a", "W " * 200)
def test_texts_never_overlap_and_are_never_cut_off(history, one, other):
    plans = [
        SITTING,
        make([(5, 300)] * 4, name=f"{one.replace('{', '(').replace('}', ')')} {{}}"),
        make([(0, 4000)], name=other.replace("{", "(").replace("}", ")")),
    ]
    assert faults(plot_journal(journal(*((day, seconds, plans[k]) for day, seconds, k in history)))) == []


@pytest.mark.parametrize("weeks", [1, 3, 24, 53, 54, 105, 400])
def test_nor_with_a_session_a_day(weeks):
    figure = plot_journal(journal(*((day, 60 * (day % 60)) for day in range(0, 7 * weeks, 1 + weeks // 20))))
    assert faults(figure) == []


def test_on_an_axes_only_the_weeks():
    figure = Figure(figsize=(5, 3), layout="constrained")
    ax = figure.add_subplot()
    assert plot_journal(journal((0, 300), (7, 600)), ax) is ax
    assert heights(ax) == [(0, 5), (1, 10)]
    assert ax.get_ylabel() == "Minutes a week"
    assert figure.axes == [ax]
    assert faults(figure) == []


def test_the_same_bytes_each_time():
    def svg():
        file = io.BytesIO()
        plot_journal(journal((0, 300), (9, 600))).savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()

    from qlkit.plots.style import style

    with style():
        assert svg() == svg()


@pytest.mark.parametrize(
    ("bad", "said"), [(None, "draws a Journal"), ([], "draws a Journal"), (Journal(":memory:"), "is empty")]
)
def test_what_can_not_be_drawn(bad, said):
    ax = Figure().add_subplot()
    for where in (None, ax):
        with pytest.raises(QlkitError, match=said):
            plot_journal(bad, where)
    assert not ax.patches
    with pytest.raises(QlkitError, match="ax should be an Axes"):
        plot_journal(journal((0, 300)), 3)
