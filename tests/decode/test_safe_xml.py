"""The door for XML: nothing is resolved, fetched or nested without end, and other documents are refused by name."""

from __future__ import annotations

import pytest

from wfs_proxy.decode.dispatch import decode
from wfs_proxy.errors import DecodeError, MalformedDocument, NotFeatures, UnsafeDocument, UpstreamException
from wfs_proxy.features import Payload


def refusal(body: bytes | str, error: type[Exception]) -> str:
    body = body if isinstance(body, bytes) else body.encode()
    with pytest.raises(error) as refused:
        decode(Payload(body=body, source="vendor.xml"))
    assert error is type(refused.value)
    return str(refused.value)


ENTITY = '<!DOCTYPE f [<!ENTITY x "boom">]>\n<f id="1"><a>&x;</a></f>'
EXTERNAL = '<?xml version="1.0"?>\n<!-- c --><?p?>\n<!DOCTYPE f SYSTEM "file:///etc/passwd"><f id="1"/>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [ENTITY, EXTERNAL, ENTITY.lower()], ids=["entity", "external", "lower case"])
def test_doctype_is_refused_in_every_encoding(text, encoding):
    assert "DOCTYPE" in refusal(text.encode(encoding), UnsafeDocument)


@pytest.mark.parametrize("encoding", ["UTF-7", "IBM037", "utf-16", "hz"])
def test_encoding_in_which_a_doctype_could_hide_is_refused(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>+ADwAIQ-DOCTYPE f [+ADw-!ENTITY x "boom"+AD4-]+AD4-<f id="1"/>'

    assert encoding in refusal(text, UnsafeDocument)


def test_document_in_ebcdic_is_refused():
    body = '<?xml version="1.0" encoding="IBM037"?><!DOCTYPE f><f id="1"/>'.encode("cp037")

    refusal(body, NotFeatures)


def test_unknown_encoding_is_named():
    assert "'klingon'" in refusal('<?xml version="1.0" encoding="klingon"?><f/>', MalformedDocument)
    assert "unknown" in refusal('<?xml version="1.0" encoding="utf-8\0"?><f/>', MalformedDocument)


def test_deep_nesting_is_refused():
    body = f"<FeatureCollection>{'<member>' * 300}{'</member>' * 300}</FeatureCollection>"

    assert "depth" in refusal(body, UnsafeDocument)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n",
        "<",
        "<?xml",
        "<?xml version='1.0'?>",
        "<!-- only a comment",
        "<FeatureCollection",
        "<FeatureCollection>",
        "<FeatureCollection><a></FeatureCollection>",
        "<FeatureCollection>&nbsp;</FeatureCollection>",
        "<FeatureCollection>&x;</FeatureCollection>",
        "<wfs:FeatureCollection/>",
        "<FeatureCollection xsi:schemaLocation=''/>",
        b'<?xml version="1.0" encoding="UTF-8"?><FeatureCollection>\xe9</Feature',
        b"<FeatureCollection>&#0;</Feature",
        b"<Feature\0Collection></FeatureCollection>",
        "<Feature\ufffeCollection/>",
        b"\xff\xfe<\0F\0e",
        b"\xff\xfe<\0F\0e\0\0\xd8",
    ],
)
def test_document_that_is_not_well_formed_is_refused(body):
    assert "vendor.xml" in refusal(body, MalformedDocument)


def test_message_of_a_mistake_names_the_line():
    assert "line 3" in refusal("<FeatureCollection>\n<a>\n</b>\n</FeatureCollection>", MalformedDocument)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<html><head><title>Log\n in</title><style>a</style></head><body>Hallo</body></html>", "Log in Hallo"),
        ("<!DOCTYPE html>\n<HTML LANG='nl'><p>Niet &eacute;&eacute;n</p></HTML>", "Niet één"),
        ("\ufeff<!doctype HTML PUBLIC '-//W3C//DTD'><title>404</title>", "404"),
        ("<?xml version='1.0'?><!DOCTYPE html><html xmlns='urn:xhtml'><title>t</title></html>", "'t'"),
        ("<h1>Service Unavailable</h1>", "Service Unavailable"),
        (f"<body>{'lang ' * 1000}</body>", "lang..."),
    ],
)  # fmt: skip
def test_html_is_refused_with_what_it_says(body, told):
    message = refusal(body, NotFeatures)

    assert "HTML page" in message
    assert told in message


@pytest.mark.parametrize("body", ["msLoadMap(): Unable to access file.", "404 page not found", "null", "PK\x03\x04"])
def test_text_is_refused_with_its_beginning(body):
    assert repr(body)[:10] in refusal(body, NotFeatures)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0"/>', "capabilities"),
        ("<WMT_MS_Capabilities/>", "capabilities"),
        ('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', "DescribeFeatureType"),
        ("<kml><Placemark/></kml>", "kml"),
        ("<error>no</error>", "error"),
    ],
)
def test_other_xml_is_refused_by_what_it_is(body, told):
    message = refusal(body, NotFeatures)

    assert told in message
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
def test_exception_report_is_raised_with_all_it_says(body):
    with pytest.raises(UpstreamException, match="no such") as raised:
        decode(Payload(body=body.encode(), source="https://vendor/wfs"))

    assert (raised.value.code, raised.value.locator) == ("C", "typename")
    assert str(raised.value).startswith("https://vendor/wfs answered with an exception report: ")
    assert ("another" in body) == ("another" in str(raised.value))


@pytest.mark.parametrize(
    "body", ["<ExceptionReport/>", "<ServiceExceptionReport><ServiceException/></ServiceExceptionReport>"]
)
def test_exception_report_without_text_is_still_one(body):
    with pytest.raises(UpstreamException) as raised:
        decode(Payload(body=body.encode()))

    assert raised.value.code is None


def test_exception_report_that_is_cut_off_is_malformed():
    refusal(REPORTS["OWS 1.0"][:-5], MalformedDocument)


def test_document_that_cannot_be_decoded_is_never_an_error_of_another_kind():
    for body in (b"\x00", b"\xff\xfe", b"\xff\xfe\x00", b"\x00<", b"<\x00\x00\x00", b"\xef\xbb\xbf", bytes(range(256))):
        with pytest.raises(DecodeError):
            decode(Payload(body=body))
