"""The slider stands on the teaching curve, and what is known of it is said."""

import pytest

import qlkit


@pytest.mark.parametrize(("minute", "share"), [(2, 19), (5, 41), (10, 65), (20, 88)])
def test_shares_are_those_of_the_table(minute, share):
    app = qlkit.explore_creep()
    app.minutes.value = minute
    assert f"{share} % of the curve" in app.summary()
    assert f"{share} % of the curve" in app.picture.value.replace("&#x27;", "'")


def test_twenty_minutes_give_what_was_measured_and_the_slider_ends_there():
    app = qlkit.explore_creep()
    assert (app.minutes.min, app.minutes.max) == (0, 20)
    app.minutes.value = 20
    assert app.reached()[0] == pytest.approx(5.5, abs=0.01)
    app.minutes.value = 0
    assert app.reached() == (0, 0)


def test_what_it_is_not_is_said_and_the_way_back_has_no_curve():
    seen = qlkit.explore_creep().picture.value
    for part in (
        "[T]",
        "[M]",
        "mcgill1992",
        "Its end value is ours",
        "not how far knees to chest",
        "so no curve is drawn",
    ):
        assert part in seen


def test_a_page_without_a_kernel_gets_picture_and_stable_text():
    one, two = (qlkit.explore_creep()._repr_mimebundle_() for _ in range(2))
    assert one["text/html"] == two["text/html"]
    assert 'alt="After 10 minutes bent fully forward' in one["text/html"]
    assert one["text/plain"].startswith("Creep: After 10 minutes")
