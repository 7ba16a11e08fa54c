"""Every example in a docstring runs and shows what it says, and every public name has one."""

import doctest
import importlib
import pkgutil

import pytest

import qlkit

MODULES = sorted(m.name for m in pkgutil.walk_packages(qlkit.__path__, "qlkit."))
FUNCTIONS = [name for name in qlkit.__all__ if name != "__version__" and not name.endswith("Error")]
PARTS = {"Step", "Hold", "Interval", "Cue", "Event", "State"}  # shown in the examples of what they are part of


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_names_say_what_they_are_for_and_show_it(name):
    words = getattr(qlkit, name).__doc__
    assert words
    assert name in PARTS or ">>> " in words
