"""What is written down twice agrees, and the project stays small and belongs to no machine."""

import ast
import io
import re
import tokenize
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OPEN_COMMAND = "pip install uv && uv run jupyter lab notebooks/00_start_here.ipynb"
TEST_COMMAND = "pip install uv && uv run pytest"


def test_conda_environment_leaves_the_packages_to_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    project = PROJECT["project"]
    python, pip, from_pip = environment["dependencies"]
    assert environment["name"] == project["name"]
    assert environment["channels"] == ["conda-forge"]
    assert python == f"python{project['requires-python']}"
    assert pip == "pip"
    (install,) = from_pip["pip"]
    extras = re.fullmatch(r"-e \.\[(.+)\]", install)[1].split(",")
    assert set(extras) <= set(project["optional-dependencies"])


def test_commands_are_the_readmes():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert OPEN_COMMAND in map(str.strip, readme)
    assert TEST_COMMAND in map(str.strip, readme)
    assert f"\n{TEST_COMMAND} || exit\n" in ci


def test_plain_pytest_runs_every_notebook():
    options = PROJECT["tool"]["pytest"]["ini_options"]
    addopts = options["addopts"].split() if isinstance(options["addopts"], str) else options["addopts"]
    assert "--nbval" in addopts
    assert {"tests", "notebooks"} <= set(options["testpaths"])


def test_lock_file_is_not_committed():
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def project_files():
    """Yield the project's files. Git is not asked: a machine that only has a copy may not have it."""
    for folder in ("qlkit", "notebooks", "tests", ".ci"):
        yield from (
            path
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
        )
    for name in ("pyproject.toml", "environment.yml", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore"):
        yield ROOT / name


# A place on somebody's machine, or the address of a package index: the default of whoever runs it is the right one.
# The brackets keep the pattern from being what it looks for.
FOREIGN = re.compile(
    r"""(?<![\w.])/(?:work|root|home|Users)/
      | \b(?:index[-_]url|pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.(?:org|com)|anacond[a]\.org)\b""",
    re.VERBOSE,
)


def test_files_name_no_machine_and_no_package_index():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in project_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert found == []


def code_lines(path):
    """Count the lines that do something: no blank lines, comments or docstrings, which cost a reader little."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return sum(not re.match(r"\s*(//|/\*|\*|$)", line) for line in text.splitlines())
    lines = set()
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in quiet:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return len(lines)


# The aims are about 300 lines a file, blank lines and all, and a whole that can be read in an evening: at first about
# 3,000 lines of Python and 900 of JavaScript, and by what journal, handouts, explorers and self-checks took, 4,000 and
# 1,100. "About" is a tenth more.
@pytest.mark.parametrize(("suffix", "aim"), [(".py", 4000), (".js", 1100)])
def test_package_stays_readable_in_an_evening(suffix, aim):
    files = sorted((ROOT / "qlkit").rglob(f"*{suffix}"))
    long = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {name: lines for name, lines in long.items() if lines > 330} == {}
    assert sum(map(code_lines, files)) <= 1.1 * aim
