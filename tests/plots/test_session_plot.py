import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from test_timeline import bars, faults, gids, make, plans, svg, words

from qlkit import Event, QlkitError, Record
from qlkit.plots.session import plot_session
from qlkit.session import TYPES

PLAN = make([(0, 120), (20, 300), (10, 180)], title="Three steps", rise=60)


def record(*events, until=None, plan=PLAN):
    return Record(plan, [Event(kind, float(at), float(sum(more))) for kind, at, *more in events], until)


def test_a_session_as_planned():
    ax = plot_session(record(("start", 0), until=2000.0))
    expected = [i.start for i in PLAN.intervals]
    for bar in ("planned", "actual"):
        assert sorted(start for start, _ in bars(ax, bar)) == pytest.approx(expected)
        assert sum(length for _, length in bars(ax, bar)) == pytest.approx(PLAN.total)
    assert "open-ended" not in gids(ax)
    assert "Finished after 11:30; planned 11:30" in words(ax)
    assert "2:00, planned 2:00" in words(ax)


def test_each_step_has_two_bars_and_its_hold_stands_higher_than_its_move():
    ax = plot_session(record(("start", 0), until=2000.0))
    heights = {}
    for collection in ax.collections:
        for path in collection.get_paths():
            y = path.vertices[:, 1]
            heights.setdefault((collection.get_gid(), path.vertices[0, 0]), y.max() - y.min())
    assert heights["planned", 0.0] == heights["actual", 0.0] == 2 * heights["planned", 120.0]


def test_a_pause_is_a_bar_of_its_own():
    ax = plot_session(record(("start", 0), ("pause", 30), ("resume", 75), until=2000.0))
    assert bars(ax, "pause") == [(30.0, 45.0)]
    assert sum(length for _, length in bars(ax, "actual")) == pytest.approx(PLAN.total)
    assert "Finished after 12:15, 0:45 of it paused; planned 11:30" in words(ax)
    assert "paused 0:45" in words(ax)
    hatches = {c.get_gid(): c.get_hatch() for c in ax.collections}
    assert len({hatches["planned"], hatches["actual"], hatches["pause"]}) == 3


def test_a_skipped_step_says_so():
    ax = plot_session(record(("start", 0), ("next", 130), ("next", 132), until=2000.0))
    assert "0:02, planned 5:00 skipped" in words(ax)
    assert words(ax).count("skipped") == 1


def test_an_extension_says_how_much():
    assert "2:30, planned 2:00 +0:30 by hand" in words(
        plot_session(record(("start", 0), ("extend", 60, 30), until=2e3))
    )
    assert "1:30, planned 2:00 −0:30 by hand" in words(
        plot_session(record(("start", 0), ("extend", 60, -30), until=2e3))
    )


@pytest.mark.parametrize(
    ("events", "until", "outcome", "here"),
    [
        ([("stop", 200)], None, "Stopped early after 3:20", "1:00, planned 5:00 stopped here"),
        ([], 200.0, "Still running after 3:20", "1:00, planned 5:00 here now"),
        ([("pause", 200)], 230.0, "Paused after 3:50, 0:30 of it paused", "1:00, planned 5:00 paused here"),
    ],
)
def test_a_session_that_is_not_finished_has_an_open_end(events, until, outcome, here):
    ax = plot_session(record(("start", 0), *events, until=until))
    assert gids(ax).count("open-ended") == 1
    edge = next(line for line in ax.lines if line.get_gid() == "open-ended")
    assert min(edge.get_xdata()) == pytest.approx(until or 200)
    for text in (outcome, here, "planned 3:00 not reached", "planned 1:00 not reached"):
        assert text in words(ax)


def test_going_back_draws_both_stays():
    ax = plot_session(record(("start", 0), ("back", 100), until=2000.0))
    assert [span for span in bars(ax, "actual") if span[0] < 200] == [(0.0, 100.0), (100.0, 120.0)]


def test_clock_time():
    ax = plot_session(record(("start", 0), until=2000.0), start="21:30")
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["21:30", "21:32"]


@settings(max_examples=20)
@given(
    plans(),
    st.lists(st.tuples(st.sampled_from(TYPES[1:]), st.integers(0, 3000), st.integers(-60, 60)), max_size=8),
    st.integers(0, 12000),
)
def test_texts_never_overlap_and_are_never_cut_off(plan, events, until):
    ax = plot_session(record(("start", 0), *events, until=float(until), plan=plan))
    assert faults(ax) == []


@pytest.mark.parametrize("size", [(8, 5), (4, 4), (12, 3.5)])
def test_on_an_axes_of_any_size(size):
    ax = Figure(figsize=size).add_subplot()
    assert plot_session(record(("start", 0), until=300.0), ax) is ax
    assert faults(ax) == []


def test_the_same_bytes_each_time():
    done = record(("start", 0), ("pause", 30), ("stop", 300))
    assert svg(plot_session(done)) == svg(plot_session(done))


@pytest.mark.parametrize("bad", [record(), record(("pause", 3)), PLAN, None, []])
def test_what_is_no_session_is_refused(bad):
    ax = Figure().add_subplot()
    with pytest.raises(QlkitError, match="plot_timeline"):
        plot_session(bad, ax)
    assert not ax.texts
