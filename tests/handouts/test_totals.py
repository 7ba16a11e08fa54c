"""One plan, one total: on the timeline, the widget, the handout, the cue sheet and the phone page."""

import json
import re
import tempfile
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qlkit
from qlkit.plan import clock
from qlkit.timer.widget import SessionTimer

TIME = r"\d+(?::\d\d)+"


@st.composite
def plans(draw):
    """Draw plans of both routines, of any total to the second."""
    key = draw(st.sampled_from(["sitting", "labor"]))
    skip = draw(st.sampled_from([(), ("head-raise",)])) if key == "labor" else ()
    return qlkit.load_routine(key).plan(minutes=draw(st.integers(12 * 60, 150 * 60)) / 60, skip=skip)


def seconds(text):
    """Return what a text such as 14:05 or 1:00:00 says."""
    total = 0
    for part in text.split(":"):
        total = 60 * total + int(part)
    return total


def found(pattern, text):
    """Return the seconds of every time that a pattern finds; it has to find some."""
    times = re.findall(pattern.replace("TIME", f"({TIME})"), text)
    assert times, f"{pattern!r} is not in {text[:300]!r}"
    return {seconds(time) for time in times}


def timeline(plan):
    """Return the total that is written beside the title, and how far the bars reach."""
    ax = qlkit.plot_timeline(plan)
    written = next(text.get_text().strip() for text in ax.texts if re.fullmatch(f" *{TIME}", text.get_text()))
    reach = max(path.vertices[:, 0].max() for c in ax.collections if c.get_gid() != "legend" for path in c.get_paths())
    return {seconds(written), round(float(reach), 6)}


def check(plan):
    """Gather the total of a plan from each of its views."""
    totals = {"plan": {plan.total, sum(i.seconds for i in plan.intervals)}, "timeline": timeline(plan)}
    timer = SessionTimer(plan)
    try:
        totals["widget"] = found("TIME in all", qlkit.describe(timer)) | {
            timer.get_state("plan")["plan"]["intervals"][-1]["end"]
        }
    finally:
        timer.close()
    with tempfile.TemporaryDirectory() as folder:
        with pypdfium2.PdfDocument(qlkit.write_handout(plan, Path(folder) / "x.pdf")) as pdf:
            pages = [page.get_textpage().get_text_bounded() for page in pdf]
        first = next(n for n, page in enumerate(pages) if "Cue sheet" in page)
        totals["handout"] = found("TIME in all", " ".join(pages[:first]))
        cues = " ".join(pages[first:])
        totals["cue sheet"] = (
            found("TIME in all", cues) | found(r"Total\s+\S+\s+TIME", cues) | found(r"Total\s+TIME", cues)
        )
        page = qlkit.write_phone_page(plan, Path(folder) / "x.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    totals["phone page"] = {qlkit.Plan.from_dict(data["plan"]).total, max(i["end"] for i in data["plan"]["intervals"])}
    return totals


@settings(max_examples=4)
@given(plans())
def test_the_totals_of_all_views_of_one_plan_agree(plan):
    totals = check(plan)
    assert totals == {view: {plan.total} for view in totals}, clock(plan.total)


def test_a_view_that_says_another_total_is_found(monkeypatch):
    """The check itself can fail: a handout that is a second off is told apart."""
    import qlkit.handouts.sheet as sheet

    monkeypatch.setattr(sheet, "clock", lambda s: clock(s + 1))
    plan = qlkit.load_routine("sitting").plan(minutes=10)
    assert check(plan)["handout"] == {plan.total + 1}


@pytest.mark.parametrize(("text", "total"), [("9:05", 545), ("1:00:00", 3600)])
def test_times_are_read_right(text, total):
    assert seconds(text) == total
    assert found("TIME in all", f"{text} in all") == {total}
