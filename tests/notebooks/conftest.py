"""The browser's fixtures, for the lessons as they are seen in JupyterLab."""

import importlib.util
import sys
from pathlib import Path

BROWSER = Path(__file__).parents[1] / "browser"
sys.path.insert(0, str(BROWSER))

# By its path: there is more than one file of this name.
_spec = importlib.util.spec_from_file_location("browser_fixtures", BROWSER / "conftest.py")
_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_fixtures)

browser_type_launch_args = _fixtures.browser_type_launch_args
new_context = _fixtures.new_context
problems = _fixtures.problems
lab_server = _fixtures.lab_server
open_notebook = _fixtures.open_notebook
