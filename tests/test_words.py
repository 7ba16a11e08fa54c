import base64
import subprocess
import sys
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from qlkit import Event, QlkitError, Record, describe, load_routine, plot_timeline, replay, routines
from qlkit.body import load_pose, pose_keys
from qlkit.evidence import describe_evidence, evidence_keys
from qlkit.plan import clock
from qlkit.plots.show import picture

LABOR = load_routine("labor").plan(minutes=15)
SITTING = load_routine("sitting").plan(minutes=10)
EVENTS = [Event("start", 0.0), Event("stop", 90.0)]


@pytest.mark.parametrize("thing", [*routines().values(), LABOR, Record(LABOR, EVENTS)], ids=lambda t: type(t).__name__)
def test_what_describes_itself(thing):
    assert describe(thing) == thing.describe() != ""


def test_a_timer_is_its_plan_and_once_started_its_record():
    assert describe(SimpleNamespace(record=Record(LABOR))) == LABOR.describe()
    assert describe(SimpleNamespace(record=Record(LABOR, EVENTS))) == Record(LABOR, EVENTS).describe()


def test_plans_side_by_side():
    first, *rest = describe([SITTING, LABOR]).split("\n\n")
    assert first == (
        "2 plans side by side: After strenuous labor (15:00) is 5:00 longer than After too much sitting (10:00)."
    )
    assert rest == [SITTING.describe(), LABOR.describe()]
    assert describe((LABOR, LABOR)).startswith("2 plans side by side, each 15:00 long.")
    assert describe(plan for plan in [LABOR]) == LABOR.describe()


@pytest.mark.parametrize(
    ("events", "now", "text"),
    [
        ([], 0, "Ready: Rest on your back comes first, 10:00 in all."),
        ([("start", 0)], 80, "Running: Rest on your back, 1:20 of {hold}, 8:40 left in all."),
        ([("start", 0), ("pause", 80)], 99, "Paused: Rest on your back, 1:20 of {hold}, 8:40 left in all."),
        (
            [("start", 0), ("stop", 80)],
            99,
            "Stopped after 1:20: Rest on your back, 1:20 of {hold}, 8:40 of the plan left.",
        ),
        ([("start", 0)], 900, "Finished after 10:00."),
    ],
)
def test_states(events, now, text):
    state = replay(SITTING, [Event(kind, float(at)) for kind, at in events], float(now))
    assert describe(state) == text.format(hold=clock(SITTING.intervals[0].seconds))


def test_keys_of_poses_and_tables():
    pose = load_pose(pose_keys()[0])
    assert describe(pose.key) == describe(pose) == f"{pose.title}. {pose.words}"
    for key in evidence_keys():
        assert describe(key) == describe_evidence(key)


@pytest.mark.parametrize("bad", [None, 3, [], [LABOR, 3], object(), type(LABOR)])
def test_what_can_not_be_described(bad):
    with pytest.raises(QlkitError, match="what can: a Routine, a Plan"):
        describe(bad)


def test_an_unknown_key_names_the_known_ones():
    with pytest.raises(QlkitError, match=f"'nope' is no key.*{pose_keys()[0]}.*{evidence_keys()[0]}"):
        describe("nope")


def test_words_of_a_plan_load_no_rooms():
    code = """import sys, qlkit
plan = qlkit.load_routine('labor').plan()
qlkit.describe([plan, plan]), qlkit.describe(qlkit.Record(plan))
print([room for room in ('matplotlib', 'ipywidgets', 'anywidget') if room in sys.modules])"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.image = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.image = dict(attrs)


def test_a_picture_carries_its_words():
    shown = picture(plot_timeline(LABOR), LABOR)
    bundle = shown._repr_mimebundle_()
    assert repr(shown) == bundle["text/plain"] == LABOR.describe()
    page = _Page(bundle["text/html"])
    assert page.image["alt"] == LABOR.describe().splitlines()[0]
    assert LABOR.describe().splitlines()[-1] in bundle["text/html"]
    kind, data = page.image["src"].split(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(data).decode() == shown.svg
    assert LABOR.describe().splitlines()[-1] in shown.svg
    ElementTree.fromstring(shown.svg)  # noqa: S314 (our own)


def test_a_picture_is_the_same_each_time_and_small():
    a, b = (picture(plot_timeline(LABOR), LABOR) for _ in range(2))
    assert a._repr_mimebundle_() == b._repr_mimebundle_()
    assert len(a.svg) < 60_000


def test_words_of_a_picture_are_text():
    page = _Page(
        picture(plot_timeline(LABOR), 'A "<script>alert(1)</script>\n</pre><b>more</b>')._repr_mimebundle_()[
            "text/html"
        ]
    )
    assert page.image["alt"] == 'A "<script>alert(1)</script>'
    assert page.tags == ["div", "img", "details", "summary", "pre"]


def test_a_picture_of_a_pyplot_figure_is_not_shown_twice():
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    assert repr(picture(ax, "An empty picture.")) == "An empty picture."
    assert not pyplot.fignum_exists(figure.number)


@pytest.mark.parametrize(
    ("drawn", "words"), [(LABOR, "x"), (None, "x"), (Figure(), ""), (Figure(), "  "), (Figure(), 3)]
)
def test_what_makes_no_picture(drawn, words):
    with pytest.raises(QlkitError):
        picture(drawn, words)


def test_a_picture_described_by_a_key_says_what_the_key_stands_for():
    shown = picture(plot_timeline(load_routine("sitting").plan()), "ql")
    assert repr(shown) == describe("ql")
    with pytest.raises(QlkitError, match="is no key"):
        picture(plot_timeline(load_routine("sitting").plan()), "muscle")
