"""The widget's Python side, without a browser: what it checks, asks, keeps and shows."""

import json
import math
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from test_javascript import find_node

import qlkit
from qlkit import Event, PlanError, QlkitError, Record, SessionTimer
from qlkit.timer import widget
from qlkit.timer.widget import javascript

LABOR = Path(__file__).with_name("labor_plan.json")


@pytest.fixture
def plan():
    return qlkit.load_routine("sitting").plan(minutes=10)


@pytest.fixture
def timer(plan):
    return SessionTimer(plan)


def asked(timer):
    return [(command["id"], command["type"], command["seconds"]) for command in timer.commands]


def from_browser(timer, **state):
    """Set traits as a message of the browser does."""
    timer.set_state(state)


@pytest.mark.parametrize("plan", [None, "sitting", {"intervals": []}, 15, qlkit.load_routine("sitting")])
def test_takes_a_plan_and_nothing_else(plan):
    with pytest.raises(PlanError, match=r"takes a plan, not \w+; make one with load_routine"):
        SessionTimer(plan)


@pytest.mark.parametrize("name", ["voice", "bells", "ticks"])
@pytest.mark.parametrize("value", ["yes", None, 2, -0.1, math.nan, [1]])
def test_channels_are_on_off_or_a_volume(plan, name, value):
    with pytest.raises(QlkitError, match=re.escape(f"{name} is {value!r}; it should be True, False or a volume")):
        SessionTimer(plan, **{name: value})


def test_a_volume_switches_its_channel(plan):
    timer = SessionTimer(plan, voice=0.5, bells=0, ticks=True)
    assert (timer.voice, timer.bells, timer.ticks) == (True, False, True)
    assert (timer.voice_volume, timer.ticks_volume) == (0.5, 1.0)
    assert timer.bells_volume > 0, "switched on by hand, it would stay silent"


@pytest.mark.parametrize("seconds", [-1, 301, 2.5, "10", None, True, math.nan])
def test_lead_in_is_whole_seconds(plan, seconds):
    with pytest.raises(QlkitError, match=r"lead_in is .*; it should be a whole number of seconds from 0 to 300"):
        SessionTimer(plan, lead_in=seconds)


@pytest.mark.parametrize("pair", [(4,), (4, 6, 8), "46", 4, (0, 6), (4, 21), ("4", "6"), (4, math.nan)])
def test_breath_is_two_times(plan, pair):
    with pytest.raises(QlkitError, match=r"breath is .*; it should be two times from 1 to 20 seconds"):
        SessionTimer(plan, breath=pair)


def test_speech_that_would_be_cut_is_told_to_the_author():
    with pytest.warns(UserWarning, match="too short for what is said") as told:
        SessionTimer(qlkit.load_routine("labor").plan(move_seconds=3))
    assert any("(step feet-planted): 3 s are too short" in str(warning.message) for warning in told)


def test_unknown_options_are_refused(plan):
    with pytest.raises(TypeError):
        SessionTimer(plan, volume=3)
    with pytest.raises(TypeError):
        SessionTimer()


def test_begins_ready(plan):
    timer = SessionTimer(plan, voice=False, ticks=False)
    assert (timer.status, timer.step, timer.events, timer.commands) == ("ready", plan.intervals[0].step, [], [])
    assert (timer.voice, timer.bells, timer.ticks) == (False, True, False)
    assert timer.record == Record(plan)
    assert timer.plan is plan


def test_repr_is_stable_and_follows_the_status(plan, timer):
    assert repr(timer) == repr(SessionTimer(plan)) == "SessionTimer('After too much sitting', 10:00, ready)"
    from_browser(timer, status="paused")
    assert repr(timer) == "SessionTimer('After too much sitting', 10:00, paused)"


def test_the_plan_reaches_the_browser_as_plain_data(timer, plan):
    sent = timer.get_state()
    assert sent["plan"] == plan.to_dict()
    assert qlkit.Plan.from_dict(json.loads(json.dumps(sent["plan"]))) == plan
    json.dumps({name: value for name, value in sent.items() if name != "layout"}, allow_nan=False)


class _Pictures(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.found.append(dict(attrs))


def test_shows_a_picture_and_words_where_there_is_no_kernel(plan, timer):
    data, metadata = timer._repr_mimebundle_()
    assert metadata == {}
    assert data["text/plain"] == repr(timer)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == timer.model_id
    (picture,) = _Pictures(data["text/html"]).found
    assert picture["src"].startswith("data:image/svg+xml")
    assert plan.title in picture["alt"]
    assert "10:00" in picture["alt"]

    again, _ = SessionTimer(plan)._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert {k: v for k, v in data.items() if k != view} == {k: v for k, v in again.items() if k != view}


def test_markup_in_a_title_stays_text_in_the_picture():
    plan = qlkit.load_routine("sitting").plan().to_dict()
    hostile = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
    plan["title"] = plan["intervals"][0]["title"] = plan["intervals"][0]["text"] = hostile
    with pytest.warns(UserWarning, match="its title is not spoken"):
        data, _ = SessionTimer(qlkit.Plan.from_dict(plan))._repr_mimebundle_()
    (picture,) = _Pictures(data["text/html"]).found
    assert hostile in picture["alt"]
    assert "<script" not in data["text/html"]


def test_commands_wait_in_order_until_a_browser_takes_them(timer):
    timer.start()
    timer.next()
    timer.extend(30)
    timer.pause()
    assert asked(timer) == [(1, "start", timer.lead_in), (2, "next", 0), (3, "extend", 30), (4, "pause", 0)]

    from_browser(timer, done=2)
    timer.resume()
    assert asked(timer) == [(3, "extend", 30), (4, "pause", 0), (5, "resume", 0)]

    from_browser(timer, done=5)
    timer.back()
    timer.stop()
    assert asked(timer) == [(6, "back", 0), (7, "stop", 0)]


def test_each_command_reaches_the_browser(timer):
    told = []
    timer.observe(lambda change: told.append([command["id"] for command in change["new"]]), "commands")
    for _ in range(3):
        timer.next()
    assert told == [[1], [1, 2], [1, 2, 3]], "two alike are two, and each change is seen"


def test_jump_goes_to_a_step_by_its_key(plan, timer):
    timer.jump("rise-roll")
    (command,) = timer.commands
    assert command["type"] == "jump"
    assert plan.intervals[int(command["seconds"])].step == "rise-roll"
    with pytest.raises(QlkitError, match="'rise-jump' is no step of this plan; its steps: supine-rest, "):
        timer.jump("rise-jump")


@pytest.mark.parametrize("seconds", ["30", None, math.nan, math.inf, True, [30]])
def test_extend_takes_seconds(timer, seconds):
    with pytest.raises(QlkitError, match="number of seconds"):
        timer.extend(seconds)
    assert timer.commands == [], "a command that can't be obeyed must not wait"


def test_record_comes_from_the_events(timer, plan):
    events = [{"type": "start", "at": 1000.0}, {"type": "extend", "at": 1010.0, "seconds": 30}]
    from_browser(timer, events=events, status="running", step=plan.intervals[0].step, until=1040.0)
    record = timer.record
    assert record.events == (Event("start", 1000.0), Event("extend", 1010.0, 30))
    assert (record.intervals[0].held, record.intervals[0].extended, record.finished) == (40.0, 30.0, False)

    events += [{"type": "stop", "at": 1060.0}]
    from_browser(timer, events=events, status="stopped", until=1060.0)
    assert timer.record.state.status == "stopped"
    from_browser(timer, log=[["0/0", "chime", 1000.0, 1000.01]])
    assert timer.record.log == (("0/0", "chime", 1000.0, 1000.01),)
    assert timer.record.state.time == 60.0
    assert Record.from_dict(timer.record.to_dict()) == timer.record


def test_status_and_step_can_be_observed(timer, plan):
    seen = []
    timer.observe(lambda change: seen.append((change["name"], change["new"])), ["status", "step"])
    last = plan.intervals[-1].step
    from_browser(timer, status="running", step=plan.intervals[0].step)
    from_browser(timer, status="finished", step=last)
    assert seen == [("status", "running"), ("status", "finished"), ("step", last)]


def test_describe_tells_the_plan_before_and_the_record_after(timer, plan):
    assert timer.describe() == plan.describe() == qlkit.describe(timer)
    events = [{"type": "start", "at": 1000.0}, {"type": "stop", "at": 1090.0}]
    from_browser(timer, events=events, status="stopped", until=1090.0)
    assert timer.describe() == timer.record.describe() == qlkit.describe(timer)
    assert "stopped early after 1:30" in timer.describe()


def test_the_modules_join_into_one(tmp_path):
    node = find_node()
    if node is None:
        pytest.skip("no Node.js from 20.19 on: install it (https://nodejs.org), or a Playwright that brings one")
    source = javascript()
    assert not re.search(r"^\s*import\b", source, re.MULTILINE), "an import is left, of a file that is not there"
    elsewhere = set(re.findall(r"https?://[^\s\"'`]+", source))
    assert elsewhere <= {"http://www.w3.org/2000/svg"}, "the widget must need nothing from elsewhere"
    module = tmp_path / "timer.mjs"
    module.write_text(source, encoding="utf-8")
    check = subprocess.run([node, "--check", module], capture_output=True, text=True, timeout=60)
    assert check.returncode == 0, check.stderr
    script = f"console.log(JSON.stringify(Object.keys(await import({json.dumps(module.as_uri())}))))"
    command = [node, "--input-type=module", "--eval", script]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == ["default"]


def test_the_joined_modules_are_the_files():
    lines = set(javascript().splitlines())
    modules = sorted(Path(widget.__file__).parent.glob("*.js"))
    assert len(modules) == len(widget.MODULES)
    for module in modules:
        for line in module.read_text(encoding="utf-8").splitlines():
            if not line.startswith("import "):
                kept = line if line.startswith("export default") else line.removeprefix("export ")
                assert kept in lines, f"{module.name} lost {line!r}"


def test_the_stored_labor_plan_is_the_real_one():
    # The JavaScript tests have no Python to ask; after a change of the routine, write what this compares with.
    plan = qlkit.load_routine("labor").plan().to_dict()
    kept = [{k: i[k] for k in ("kind", "step", "start", "end", "cues")} for i in plan["intervals"]]
    stored = json.loads(LABOR.read_text(encoding="utf-8"))["intervals"]
    assert stored == kept, "write to labor_plan.json:\n" + ",\n".join(map(json.dumps, kept))
