"""What every test shares: the rule about skips, where Chromium is, how Hypothesis searches."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REQUIRE_ALL = os.environ.get("QLKIT_REQUIRE_ALL") == "1"

# The machine may be slow or shared, so time is never what a property fails on. In CI the examples are the same in
# every run, so that a red run always comes from the change and not from luck; elsewhere the search stays open.
_COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("search", **_COMMON)
settings.register_profile("repeatable", **_COMMON, derandomize=True)
settings.load_profile("repeatable" if REQUIRE_ALL or os.environ.get("CI") else "search")


class _NothingSkips:
    """Turns every skip into a failure that keeps the reason; an expected failure stays what it is."""

    @staticmethod
    def _fail(report):
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            report.outcome = "failed"
            report.longrepr = f"{reason.removeprefix('Skipped: ')} [skipped, and QLKIT_REQUIRE_ALL=1 allows no skips]"
        return report

    # tryfirst makes these the outermost wrappers: every other plugin has had its say about the report by then.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self):
        return self._fail((yield))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self):
        return self._fail((yield))


def pytest_configure(config):
    # Registered as a plugin of its own, because a conftest's hooks reach only the tests below its folder, and the
    # notebooks are not below this one.
    if REQUIRE_ALL:
        config.pluginmanager.register(_NothingSkips(), "qlkit-nothing-skips")


def find_chromium():
    """Return the path of the Chromium (or Chrome) to test with, or None."""
    named = os.environ.get("QLKIT_CHROMIUM")
    if named:
        if not Path(named).is_file():
            raise FileNotFoundError(f"QLKIT_CHROMIUM names {named}, and there is no such file")
        return named
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="session")
def chromium():
    """Give the path of the Chromium to test with; without one the test is skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip(
            "no Chromium found: install it (Debian and Ubuntu: apt-get install chromium) "
            "or set QLKIT_CHROMIUM to the path of a Chromium or Chrome"
        )
    return path
