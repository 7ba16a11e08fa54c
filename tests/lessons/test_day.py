"""A day is drawn as it was chosen, and the figures beside it stay apart."""

import re

import pytest

import qlkit
from qlkit.evidence import load_evidence
from qlkit.lessons.day import FIGURES, WIDTH, day, draw_day
from qlkit.sources import sources


def test_sitting_is_broken_and_no_break_stands_at_its_end():
    assert day(2, 60, 0) == [("sitting", 0, 60), ("break", 60, 5), ("sitting", 65, 60)]
    assert [kind for kind, *_ in day(1, 60, 1)] == ["sitting", "lifting"]
    assert day(0, 60, 2) == [("lifting", 0, 120)]


@pytest.mark.parametrize("every", [10, 50, 60, 240])
def test_parts_follow_each_other_and_all_hours_are_there(every):
    parts = day(7.5, every, 1.5)
    assert [at for _, at, _ in parts[1:]] == [at + length for _, at, length in parts[:-1]]
    assert sum(length for kind, _, length in parts if kind == "sitting") == 450
    assert max(length for kind, _, length in parts if kind == "sitting") <= every


def test_the_bar_shows_the_parts():
    parts = day(2, 60, 1)
    bars = re.findall(r'd="M([\d.]+) 10h([\d.]+)[^>]*class="(\w+)"', draw_day(parts))
    scale = WIDTH / 185
    assert sorted((kind, float(x), float(wide)) for x, wide, kind in bars) == [
        (kind, pytest.approx(at * scale, abs=0.01), pytest.approx(length * scale, abs=0.01))
        for kind, at, length in sorted(parts)
    ]


def test_figures_belong_to_what_is_in_the_day():
    app = qlkit.explore_day()
    assert "Sitting: difference" in app.picture.value
    assert "Lifting: pressure" in app.picture.value
    app.lifting.value = 0
    assert "Lifting:" not in app.picture.value
    app.sitting.value, app.lifting.value = 0, 1
    assert "Sitting: difference" not in app.picture.value


def test_one_unit_a_table_and_no_study_alone_on_sitting():
    for *_, key, number in FIGURES:
        group = load_evidence(key).groups[number]
        assert len({row.unit for row in group.rows}) == 1
    assert len({row.source for row in load_evidence("posture-pressure").groups[0].rows}) > 2
    assert [kind for kind, _, key, _ in FIGURES if key == "posture-pressure"] == ["sitting"] * 2


def test_every_figure_carries_class_people_and_a_known_source():
    seen = qlkit.explore_day().picture.value
    rows = re.findall(r"<tr><th scope=row.*?(?=<tr>|</table>)", seen)
    assert len(rows) == 15
    for row in rows:
        origin = re.search(r"\[(M|T)\], n[^,]*, (\w+)", row)
        assert origin, row
        assert origin[2] in sources()
    assert "as reported by a secondary source" in seen


def test_it_says_that_it_is_a_simplification_and_no_score():
    assert "[T] Teaching simplification, no personal risk score" in qlkit.explore_day().picture.value


def test_an_impossible_day_says_what_is_possible_and_recovers():
    app = qlkit.explore_day()
    app.sitting.value = app.lifting.value = 0
    assert "This day is empty" in app.picture.value
    assert "This day is empty" in repr(app)
    app.sitting.value = 16
    app.lifting.value = 12
    assert "this one is 5.2 h too long" in app.picture.value
    app.lifting.value = 1
    assert "<img" in app.picture.value


def test_words_fit_the_numbers():
    app = qlkit.explore_day()
    assert app.summary() == (
        "A day with 8 h of sitting in 8 stretches of up to 60 min, 7 breaks of 5 min, 1 h of bending and lifting."
    )
    app.sitting.value = 1
    assert app.summary() == "A day with 1 h of sitting, 1 h of bending and lifting."
    assert "0:00 to 1:00  sitting" in app.picture.value
