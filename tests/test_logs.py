from __future__ import annotations

import json
import logging

import pytest

from wfs_proxy.logs import configure_logging

pytestmark = pytest.mark.usefixtures("restored_logging")


def test_json_has_one_object_a_line(capsys):
    configure_logging("json", "info")
    logging.getLogger("wfs_proxy.access").info("GET\n%s", "/layers", extra={"route": "/layers", "status": 200})
    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "level": "info",
        "logger": "wfs_proxy.access",
        "message": "GET\n/layers",
        "route": "/layers",
        "status": 200,
    }


def test_json_has_a_traceback_in_the_same_line(capsys):
    configure_logging("json", "info")
    try:
        {}["what happened"]
    except KeyError:
        logging.getLogger("wfs_proxy").exception("Unexpected error")
    (line,) = capsys.readouterr().err.splitlines()
    assert "KeyError: 'what happened'" in json.loads(line)["exception"]


def test_text_is_for_people(capsys):
    configure_logging("text", "warning")
    logging.getLogger("wfs_proxy").info("quiet")
    logging.getLogger("wfs_proxy").warning("loud")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("WARNING loud")


@pytest.mark.parametrize("name", ["httpx", "httpcore.connection", "uvicorn.access"])
def test_loggers_that_write_urls_are_silent(capsys, name):
    configure_logging("text", "debug")
    logging.getLogger(name).info('HTTP Request: GET http://vendor.example/wfs?key=geheim "HTTP/1.1 200 OK"')
    assert "geheim" not in capsys.readouterr().err
