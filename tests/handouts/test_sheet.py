import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import pypdfium2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qlkit import Interval, Plan, PlanError, QlkitError, load_routine
from qlkit.body import pose_keys
from qlkit.cues import Cue
from qlkit.handouts.sheet import PAPER, draw_pages, write_handout
from qlkit.plan import clock
from qlkit.plots.style import style

SITTING = load_routine("sitting").plan(minutes=10)
LABOR = load_routine("labor").plan(minutes=15)


def read(path):
    """Return the text of each page, its white space evened out."""
    with pypdfium2.PdfDocument(path) as pdf:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf]


def draw(*args, **how):
    with style():
        return draw_pages(*args, **how)


def faults(figure):
    """List the texts of a page that overlap another one or a line, or run into its edge."""
    figure.draw_without_rendering()
    (ax,) = figure.axes
    boxes = [(text.get_text(), text.get_window_extent()) for text in ax.texts if text.get_text().strip()]
    found = []
    for (a, p), (b, q) in combinations(boxes, 2):
        if min(p.x1, q.x1) - max(p.x0, q.x0) > 0.5 and min(p.y1, q.y1) - max(p.y0, q.y0) > 0.5:
            found.append(f"{a!r} meets {b!r}")
    rules = [line.get_window_extent() for line in ax.lines]
    edge = 20 * figure.dpi / 72
    for text, box in boxes:
        if box.x0 < edge or box.y0 < edge / 2 or box.x1 > figure.bbox.x1 - edge or box.y1 > figure.bbox.y1 - edge:
            found.append(f"{text!r} is cut off")
        for rule in rules:
            if rule.y0 == rule.y1 and box.y0 + 2 < rule.y0 < box.y1 - 2 and rule.x0 < box.x1 and box.x0 < rule.x1:
                found.append(f"a line runs through {text!r}")
    return found


def make(count, minutes, title="A plan", name="Step", focus="Breathe.", caution="Take care.", rise=3):
    """Make a plan of so many steps and minutes, with cues, cautions and a rise."""
    intervals, at, left = [], 0, minutes * 60 - 10 * rise
    for n in range(count):
        for kind, seconds in (("move", 5), ("hold", left // count - 5)):
            said = [Cue("voice", k, "start", f"{title}. {focus}") for k in range(0, seconds, 90)]
            more = {"focus": focus, "cautions": (caution, f"{caution} {n}"), "cues": tuple(said), "options": (name,)}
            pose = pose_keys()[n % len(pose_keys())]
            title_ = f"{name} {n}"
            marks = {"open_ended": n % 2 == 0, "optional": n % 3 == 0}
            intervals.append(Interval(kind, f"s{n}", title_, focus, pose, at, at + seconds, **more, **marks))
            at += seconds
    for n in range(rise):
        intervals.append(
            Interval("move", f"rise-{n}", f"Stage {n}", focus, "standing", at, at + 10, cautions=(caution,))
        )
        at += 10
    return Plan("made", title, "", (caution, "Ask first."), tuple(intervals))


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize("plan", [SITTING, LABOR], ids=["sitting", "labor"])
def test_the_handout_says_all_on_two_pages(plan, paper, tmp_path):
    path = write_handout(plan, tmp_path / "x.pdf", start="18:30", practitioner="Ada Lovelace", paper=paper)
    home, cues = read(path)
    assert f"{clock(plan.total)} in all, {clock(plan.hold_total)} of it held" in home
    assert "Ada Lovelace" in home
    assert "Notes" in home
    for caution in {*plan.cautions, *(text for i in plan.intervals for text in i.cautions)}:
        assert caution in home
    assert plan.cautions[0] in cues
    for i in plan.intervals:
        assert i.title in home
        assert i.title in cues
        if i.kind == "hold":
            assert f"{clock(i.start)} to {clock(i.end)}" in home
            assert i.focus in home
        for _, cue in i.cue_times():
            assert " ".join(cue.text.removeprefix(f"{i.title}. ").split()) in cues  # its spaces as read() has them
        assert all(option in cues for option in i.options)
    with pypdfium2.PdfDocument(path) as pdf:
        assert [page.get_size() for page in pdf] == [pytest.approx(PAPER[paper], abs=0.1)] * 2


def test_the_cautions_of_a_step_name_it(tmp_path):
    home, _ = read(write_handout(LABOR, tmp_path / "x.pdf"))
    assert "3a, 3b: Osteoporosis or a past fracture of a vertebra" in home
    assert "Push up to sitting: Dizzy when you get up?" in home


@pytest.mark.parametrize(
    ("start", "first", "second", "end"),
    [
        (None, "0:00", "2:00", "15:00"),
        ("18:30", "18:30:00", "18:32:00", "18:45:00"),
        ("23:50", "23:50:00", "23:52:00", "0:05:00"),
    ],
)
def test_the_cue_sheet_has_clock_times_from_the_start(start, first, second, end, tmp_path):
    _, cues = read(write_handout(LABOR, tmp_path / "x.pdf", start=start))
    assert f"{first} to {end}: 15:00 in all" in cues
    assert f"{first} 1 Lie flat 2:00 {second}" in cues
    assert f"Total 15:00 {end}" in cues
    assert "Write down when each step really ended" in cues
    assert "late by" in cues


def test_what_is_said_stands_beside_its_moment():
    (_, page), feet = draw(LABOR, "14:05"), LABOR.intervals[2]
    rows = {}
    for text in page.axes[0].texts:
        x, y = text.get_position()
        rows.setdefault(y, {})[round(x)] = text.get_text()
    said = [(row.get(36), row.get(90)) for row in rows.values()]
    begin = 14 * 3600 + 5 * 60
    for at, cue in feet.cue_times():
        if cue.kind == "voice" and cue.anchor == "end":
            assert (f"14:{(begin + at) // 60 % 60:02}:{at % 60:02}", "One minute left.") in said
    assert ("14:10:48", "Halfway.") in said
    ends = {row.get(90): [row[x] for x in sorted(row)] for row in rows.values() if len(row) > 3}
    assert ends["Knees in"] == ["14:14:17", "Knees in", "0:10", "14:14:27"]


def test_without_a_name_there_is_a_line_to_write_it_on():
    named, bare = (draw(SITTING, None, name)[0].axes[0] for name in ("Ada", ""))
    assert len(bare.lines) == len(named.lines) + 1
    (label,) = [text for text in bare.texts if text.get_text() == "Practitioner"]
    x, y = label.get_position()
    assert any(line.get_xdata()[0] > x + 50 and abs(line.get_ydata()[0] - y) < 14 for line in bare.lines)


@pytest.mark.parametrize("paper", PAPER)
@pytest.mark.parametrize("start", [None, "18:30"])
@pytest.mark.parametrize(
    "plan", [SITTING, LABOR, load_routine("labor").plan(minutes=19), load_routine("sitting").plan(minutes=180)]
)
def test_nothing_overlaps_or_is_cut(plan, start, paper):
    for figure in draw(plan, start, "Ada", paper):
        assert faults(figure) == []


TEXTS = st.text("abc MWÄg$_\\{}, ", min_size=1, max_size=60).filter(str.strip)


@settings(max_examples=3)
@given(st.integers(1, 40), st.integers(10, 180), TEXTS, TEXTS, TEXTS, st.integers(0, 6), st.sampled_from([*PAPER]))
@example(40, 180, "W" * 60, "M" * 57, "Let it go. " * 20, 6, "letter")
@example(40, 20, "A plan", "Step", "Breathe.", 0, "A4")
def test_nor_in_plans_of_any_size(count, minutes, title, name, focus, rise, paper):
    plan = make(count, minutes, title, name, focus, focus, rise)
    pages = draw(plan, "23:30", title, paper)
    assert [fault for page in pages for fault in faults(page)] == []
    told = "".join("".join(text.get_text().split()) for page in pages for text in page.axes[0].texts)
    for i in plan.intervals:
        assert "".join(i.title.split()) in told
    assert [page.axes[0].texts[-1].get_text().split(" · ")[1] for page in pages] == [
        f"page {n} of {len(pages)}" for n in range(1, len(pages) + 1)
    ]


def test_a_long_cue_sheet_repeats_its_heading():
    pages = draw(load_routine("sitting").plan(minutes=180))
    heads = [sum(text.get_text() == "really ended" for text in page.axes[0].texts) for page in pages]
    assert heads[0] == 0
    assert len(heads) > 2
    assert set(heads[1:]) == {1}


def test_a_text_too_long_for_any_page_is_refused():
    with pytest.raises(QlkitError, match="more words than fit"):
        draw(make(1, 10, focus="word " * 4000))


def test_text_is_text(tmp_path):
    text = "$x_1$ \\frac{a} <b>"
    pages = read(write_handout(make(1, 10, title=text, focus=text), tmp_path / "x.pdf", practitioner=text))
    assert pages[0].count(text) >= 3
    assert text in pages[1]


def test_the_same_plan_gives_the_same_bytes_in_every_run(tmp_path):
    code = """import sys, qlkit
qlkit.write_handout(qlkit.load_routine('labor').plan(minutes=15), sys.argv[1])
print('matplotlib.pyplot' in sys.modules)"""
    files = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.pdf"
        run = [sys.executable, "-c", code, str(path)]
        out = subprocess.run(
            run, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        assert out.stdout == "False\n"
        files.append(path.read_bytes())
    assert files[0] == files[1]
    assert b"CreationDate" not in files[0]


def test_it_is_ink_on_white_and_reads_in_grey(tmp_path):
    with pypdfium2.PdfDocument(write_handout(LABOR, tmp_path / "x.pdf")) as pdf:
        grey = pdf[0].render(scale=0.5).to_pil().convert("L")
    histogram = grey.histogram()
    assert histogram[255] > 0.7 * grey.width * grey.height
    assert sum(histogram[:140]) > 0.02 * grey.width * grey.height


def test_a_file_that_is_there_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "x.pdf"
    path.write_text("old")
    assert write_handout(SITTING, str(path)) == path
    assert path.read_bytes().startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_global_changes(tmp_path):
    before = dict(mpl.rcParams)
    write_handout(SITTING, tmp_path / "x.pdf")
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("wrong", [None, "labor", load_routine("labor"), [LABOR]])
def test_what_is_no_plan_is_refused(wrong, tmp_path):
    with pytest.raises(PlanError, match="a handout is made of a plan"):
        write_handout(wrong, tmp_path / "x.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"paper": "A3"}, "'A4' or 'letter'"),
        ({"paper": ["A4"]}, "'A4' or 'letter'"),
        ({"start": "25:00"}, "such as '14:05'"),
        ({"start": 14}, "such as '14:05'"),
        ({"practitioner": None}, "a name, as text"),
    ],
)
def test_wrong_options_are_refused_in_words(how, words, tmp_path):
    with pytest.raises(QlkitError, match=words):
        write_handout(SITTING, tmp_path / "x.pdf", **how)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_or_a_folder_in_place_of_the_file(tmp_path):
    with pytest.raises(QlkitError, match=r"can't be written to .*No such file or directory"):
        write_handout(SITTING, tmp_path / "nowhere" / "x.pdf")
    (tmp_path / "x.pdf").mkdir()
    with pytest.raises(QlkitError, match="can't be written to"):
        write_handout(SITTING, tmp_path / "x.pdf")
    assert [path.name for path in Path(tmp_path).iterdir()] == ["x.pdf"]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.pdf"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(QlkitError, match="No space left"):
        write_handout(SITTING, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
