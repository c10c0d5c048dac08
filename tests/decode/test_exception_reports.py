"""XML answers without features: exception reports are raised, capabilities and schemas are refused."""

from __future__ import annotations

import re

import pytest
from refusals import refusal

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import MalformedDocument, NotFeatures, UpstreamException
from wfs_proxy.features import Payload


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0"/>', "capabilities"),
        ("<WMT_MS_Capabilities/>", "capabilities"),
        ('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', "DescribeFeatureType"),
        ("<kml><Placemark/></kml>", "kml"),
        ("<error>no</error>", "error"),
    ],
)
def test_xml_without_features_is_refused_by_name(body, name):
    message = refusal(body, NotFeatures)

    assert name in message
    assert "GetFeature" in message


OWS = (
    "<x:ExceptionReport xmlns:x='{}'><x:Exception exceptionCode='{}' locator='typename'>{}</x:Exception>{}"
    "</x:ExceptionReport>"
)
REPORTS = {
    "OWS 1.0": OWS.format("http://www.opengis.net/ows", "C", "<x:ExceptionText>no\n such</x:ExceptionText>", ""),
    "OWS 1.1": OWS.format("http://www.opengis.net/ows/1.1", "C", "<x:ExceptionText>no such</x:ExceptionText>", ""),
    "several texts": OWS.format(
        "http://www.opengis.net/ows",
        "C",
        "<x:ExceptionText>no</x:ExceptionText><x:ExceptionText> such</x:ExceptionText>",
        "<x:Exception><x:ExceptionText>another</x:ExceptionText></x:Exception>",
    ),
    "WFS 1.0": "<ServiceExceptionReport xmlns='http://www.opengis.net/ogc'>"
    "<ServiceException code='C' locator='typename'>no such</ServiceException></ServiceExceptionReport>",
}


@pytest.mark.parametrize("body", REPORTS.values(), ids=REPORTS)
def test_exception_report_is_raised_with_all_its_texts(body):
    with pytest.raises(UpstreamException, match="no such") as raised:
        decode(Payload(body=body.encode(), source="https://vendor/wfs"))

    assert (raised.value.code, raised.value.locator) == ("C", "typename")
    assert str(raised.value).startswith("https://vendor/wfs answered with an exception report: ")
    assert ("another" in body) == ("another" in str(raised.value))


@pytest.mark.parametrize(
    "body", ["<ExceptionReport/>", "<ServiceExceptionReport><ServiceException/></ServiceExceptionReport>"]
)
def test_exception_report_without_text_is_raised_too(body):
    with pytest.raises(UpstreamException, match=r"^the vendor answered with an exception report: no text$") as raised:
        decode(Payload(body=body.encode()))

    assert raised.value.code is None


@pytest.mark.parametrize(
    "words",
    [
        "column a & b does not exist",
        "ERROR: 3 < 4 & 5 > 2",
        "unknown layer &nbsp;masten&; at line 3",
        "<b>mast</b> is off<br>until Monday",
        "unexpected <filter at 3",
        "caf\ufffd & co",
        "<![CDATA[1 < 2 & 3]]> & 4",
    ],
)
@pytest.mark.parametrize("body", [REPORTS["OWS 1.1"], REPORTS["WFS 1.0"]], ids=["OWS 1.1", "WFS 1.0"])
def test_words_of_an_exception_report_are_read_also_if_they_are_not_escaped(body, words):
    """The message of a database, for example, put between the tags as it is."""
    with pytest.raises(UpstreamException) as raised:
        decode(Payload(body=body.replace("no such", words).encode()))

    shown = str(raised.value).removeprefix("the vendor answered with an exception report: ")
    expected = re.findall(r"\w+", re.sub("<br>|</?b>|CDATA", " ", words))
    assert re.findall(r"\w+", shown)[: len(expected)] == expected
    assert raised.value.code == "C"


def test_truncated_exception_report_is_malformed():
    assert "truncated" in refusal(REPORTS["OWS 1.0"][:-5], MalformedDocument)
