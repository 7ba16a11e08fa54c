"""The JavaScript of the timer, tested by Node's own test runner."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

ROOT = Path(__file__).parents[1]


def find_node():
    """Return a Node that takes a plain .js file for a module when it is one: the one Playwright brings, or PATH's."""
    try:
        candidates = [compute_driver_executable()[0], shutil.which("node")]
    except Exception:
        candidates = [shutil.which("node")]
    for node in filter(None, candidates):
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60)
        version = re.match(r"v(\d+)\.(\d+)", answer.stdout)
        if version and tuple(map(int, version.groups())) >= (20, 19):
            return node
    return None


def test_javascript():
    node = find_node()
    if node is None:
        pytest.skip("no Node.js from 20.19 on: install it (https://nodejs.org), or a Playwright that brings one")
    files = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/timer/*.test.mjs"))
    assert files, "tests/timer/ has no *.test.mjs, so no JavaScript was tested"
    run = subprocess.run([node, "--test", *files], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
