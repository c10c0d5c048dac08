"""How the suite runs, whatever it tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import hypothesis
import pytest

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("ci")


def pytest_configure() -> None:
    """Whatever a test starts writes nothing to the home of whoever runs it, unless the test names a folder."""
    os.environ["WFS_PROXY_CACHE_DIR"] = "none"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips",
        action="store_true",
        default=os.environ.get("CI") == "true",
        help="a skipped test is a failed test (the default where CI=true)",
    )
    parser.addoption(
        "--allow-skip",
        action="append",
        default=[],
        metavar="TEXT",
        help="with --no-skips: a skip whose reason contains this text stays a skip",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    return _unless_allowed(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report = yield
    return _unless_allowed(report, collector.config)


def _unless_allowed(report, config: pytest.Config):
    """Make a failure of a skip that nobody expected. An expected failure (xfail) is no skip."""
    if not report.skipped or hasattr(report, "wasxfail") or not config.getoption("--no-skips"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(text in reason for text in config.getoption("--allow-skip")):
        report.outcome = "failed"
        report.longrepr = f"skipped, which this run does not allow: {reason}"
    return report


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """For a test in whose process logging is configured: what it writes to is gone when the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on the event loop that production has."""
    return "asyncio"
