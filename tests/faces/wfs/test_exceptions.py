from __future__ import annotations

import ogc_schemas
import pytest
from lxml import etree

from wfs_proxy.errors import BadRequest, NotFound, NotReady, WfsRequestError
from wfs_proxy.faces.wfs.exceptions import exception_report

WRONG = WfsRequestError('a < b & "c" \x00\uffff', code="InvalidParameterValue", locator='x"y')


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "2.0.0"])
def test_a_report_says_what_is_wrong_and_where(version):
    (exception,) = etree.fromstring(exception_report(WRONG, version))

    assert "".join(exception.itertext()) == 'a < b & "c"   '
    assert exception.get("locator") == 'x"y'
    assert exception.get("code" if version == "1.0.0" else "exceptionCode") == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadRequest("wrong"), "InvalidParameterValue"),
        (NotFound("nothing"), "NotFound"),
        (NotReady("later", retry_after=5), "NoApplicableCode"),
    ],
)
def test_every_error_has_a_code(error, code):
    (exception,) = etree.fromstring(exception_report(error, "2.0.0"))

    assert exception.get("exceptionCode") == code
    assert exception.get("locator") is None


@pytest.mark.parametrize("version", ["1.1.0", "2.0.0"])
@pytest.mark.parametrize("error", [WRONG, NotFound("nothing")])
def test_reports_are_valid(version, error):
    report = etree.fromstring(exception_report(error, version))

    assert ogc_schemas.problems(ogc_schemas.ows_schema(version), report) == []
