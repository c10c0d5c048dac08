"""Settings for the whole suite, and fixtures that every test can use."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import hypothesis
import pytest

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("ci")


def pytest_configure() -> None:
    """Keep programs that tests start from writing to the user's cache folder; a test that needs one names it."""
    os.environ["WFS_PROXY_CACHE_DIR"] = "none"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips",
        action="store_true",
        default=os.environ.get("CI") == "true",
        help="report a skipped test as failed (the default if CI=true)",
    )
    parser.addoption(
        "--allow-skip",
        action="append",
        default=[],
        metavar="TEXT",
        help="with --no-skips: allow skips whose reason contains this text",
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
    """Turn a skip that is not allowed into a failure. An expected failure (xfail) is not a skip."""
    if not report.skipped or hasattr(report, "wasxfail") or not config.getoption("--no-skips"):
        return report
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(text in reason for text in config.getoption("--allow-skip")):
        report.outcome = "failed"
        report.longrepr = f"skipped, which this run does not allow: {reason}"
    return report


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Restore the root logger after a test that configures logging."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on the event loop that production uses."""
    return "asyncio"
