import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from test_timeline import bars, faults, gids, make, plans, svg, texts, words

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


def with_log(*late, kinds=("chime", "voice", "tick", "bell"), until=2000.0):
    log = tuple((f"c{n}", kinds[n % len(kinds)], 60.0 * n, 60.0 * n + each) for n, each in enumerate(late))
    done = record(("start", 0), until=until)
    return Record(done.plan, done.events, done.until, log)


def drawn(ax, gid):
    return [line for line in ax.lines if line.get_gid() == gid]


def test_the_log_of_cues_is_drawn_on_demand():
    done = with_log(0.0, 0.012, 0.004, 0.0, 0.001)
    assert not [gid for gid in gids(plot_session(done)) if gid.startswith("cue")]
    ax = plot_session(done, cues=True)
    found = {gid: next(iter(drawn(ax, gid))) for gid in gids(ax) if gid.startswith("cue")}
    assert {gid: list(line.get_xdata()) for gid, line in found.items()} == {
        "cue-chime": pytest.approx([0, 240.001]),
        "cue-voice": pytest.approx([60.012]),
        "cue-tick": pytest.approx([120.004]),
        "cue-bell": pytest.approx([180]),
    }
    # Shape, row and word each tell the kinds apart; the rows stand beneath all bars.
    assert len({line.get_marker() for line in found.values()}) == 4
    heights = [set(line.get_ydata()) for line in found.values()]
    assert all(len(each) == 1 for each in heights)
    assert len(set.union(*heights)) == 4
    assert min(min(each) for each in heights) > max(
        path.vertices[:, 1].max() for c in ax.collections if c.get_gid() != "legend" for path in c.get_paths()
    )
    assert all(kind in words(ax).split() for kind in ("chime", "voice", "tick", "bell"))
    assert "5 cues came, the latest 12 ms late" in words(ax)
    assert not drawn(ax, "late")
    assert faults(ax) == []


def test_late_cues_are_in_a_ring():
    ax = plot_session(with_log(0.0, 0.151, 0.15, 0.3), cues=True)
    assert sorted(x for line in drawn(ax, "late") for x in line.get_xdata()) == pytest.approx([60.151, 180.3])
    assert all(line.get_markerfacecolor() == "none" for line in drawn(ax, "late"))
    assert "4 cues came, the latest 300 ms late; 2 more than 150 ms late, in a ring" in words(ax)


@pytest.mark.parametrize(
    ("late", "said"),
    [
        ((), "no log of cues"),
        ((0.012,), "1 cue came, 12 ms late"),
        ((-0.02,), "1 cue came, not late"),
        ((-0.02, 0.0), "2 cues came, none late"),
        ((1.26, 0.0), "2 cues came, the latest 1.3 s late; 1 more"),
    ],
)
def test_what_is_said_of_the_log(late, said):
    assert said in words(plot_session(with_log(*late), cues=True))


def test_a_cue_of_an_unknown_kind_or_time():
    ax = plot_session(with_log(0.0, 0.0, 9e9, kinds=("breath", "gong")), cues=True)
    assert list(drawn(ax, "cue-breath")[0].get_xdata()) == [0]
    assert list(drawn(ax, "cue-other")[0].get_xdata()) == pytest.approx([60])
    assert "1 outside the time shown" in words(ax)
    assert faults(ax) == []


@settings(max_examples=15)
@given(
    plans(),
    st.lists(st.tuples(st.sampled_from([*"ab", "chime", "voice", "breath"]), st.floats(-20, 12000)), max_size=60),
    st.floats(-1, 2e4),
    st.sampled_from([(8, 7), (4, 6), None]),
)
def test_cues_never_overlap_words(plan, cues, late, size):
    log = tuple((str(n), kind, at, at + late) for n, (kind, at) in enumerate(cues))
    done = Record(plan, (Event("start", 0.0),), 5000.0, log)
    if size and len(plan.intervals) > 8:
        size = None  # a hundred rows have no room on so small an Axes, with cues or without
    ax = plot_session(done, size and Figure(figsize=size).add_subplot(), cues=True)
    assert faults(ax) == []
    boxes = [box for _, box in texts(ax)]
    for line in ax.lines:
        if str(line.get_gid()).startswith("cue"):
            points = ax.transData.transform(line.get_xydata())
            assert not [p for p in points for box in boxes if box.contains(*p)]
