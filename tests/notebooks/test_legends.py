"""Beneath each app stands what its controls do, each by the name that is seen on it."""

import shutil

import ipywidgets as widgets
import pytest
from apps import apps, labels, missing_labels, timer_labels
from skeleton import NOTEBOOKS, PATHS, read

import qlkit


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """Run lessons in a copy of their folder, with a user's data folder of their own."""
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns("*.ipynb", "pictures"))
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path / "notebooks")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("at_home")
def test_each_control_is_explained(path):
    assert [missing for app, legend in apps(read(path)) if (missing := missing_labels(app, legend))] == []


def test_the_timers_own_controls_are_known():
    expected = ["Start", "Back", "Next", "−30 s", "+30 s", "Stop", "Sound check", "Full screen"]
    expected += ["Go to", "Breath pacer", "Begin after", "Voice", "Bells", "Ticks", "Pause", "Resume"]
    assert timer_labels() == expected


def test_a_control_without_a_legend_is_found():
    lesson = read(NOTEBOOKS / "04_release_after_labor.ipynb")
    [legend] = [cell.source for cell in lesson.cells if "| Minutes in all |" in cell.source]
    app = qlkit.explore("labor")
    assert missing_labels(app, legend) == []
    for label in ("Minutes in all", "3b Head toward the knees", "Breath pacer", "Pause"):
        assert missing_labels(app, legend.replace(label, "…")) != []
    box = widgets.VBox([app, widgets.Button(description="Do it"), widgets.Dropdown(description="Which:")])
    assert missing_labels(box, legend) == ["do it", "which"]


def test_a_choice_that_is_hidden_needs_no_legend():
    assert "After strenuous labor" in labels(qlkit.explore())
    assert "After strenuous labor" not in labels(qlkit.explore("labor"))
