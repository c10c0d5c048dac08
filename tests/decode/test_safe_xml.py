"""Safe parsing of XML: no entity is resolved, nothing is fetched, and nesting is limited."""

from __future__ import annotations

import pytest
from refusals import refusal

from wfs_proxy.decode.safe_xml import Markup, open_markup, parse_growing, parse_whole
from wfs_proxy.errors import MalformedDocument, NotFeatures, UnsafeDocument, UpstreamException
from wfs_proxy.features import Payload

ENTITY = '<!DOCTYPE f [<!ENTITY x "boom">]>\n<f id="1"><a>&x;</a></f>'
EXTERNAL = '<?xml version="1.0"?>\n<!-- c --><?p?>\n<!DOCTYPE f SYSTEM "file:///etc/passwd"><f id="1"/>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [ENTITY, EXTERNAL, ENTITY.lower()], ids=["entity", "external", "lower case"])
def test_doctype_is_refused_in_every_encoding(text, encoding):
    assert "DOCTYPE" in refusal(text.encode(encoding), UnsafeDocument)


@pytest.mark.parametrize("text", [ENTITY, '<!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/passwd">]><f><a>&x;</a></f>'])
def test_parser_resolves_no_entity_even_if_a_doctype_got_through(text):
    markup = Markup(body=text.encode(), root="f", encoding=None, source="")

    for root in (parse_whole(markup), *(root for root, whole in parse_growing(markup) if whole)):
        assert "".join(root.itertext()) == "&x;"


@pytest.mark.parametrize("encoding", ["UTF-7", "IBM037", "utf-16", "hz"])
def test_encoding_in_which_a_doctype_could_hide_is_refused(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>+ADwAIQ-DOCTYPE f [+ADw-!ENTITY x "boom"+AD4-]+AD4-<f id="1"/>'

    assert encoding in refusal(text, UnsafeDocument)


def test_document_in_ebcdic_is_refused():
    body = '<?xml version="1.0" encoding="IBM037"?><!DOCTYPE f><f id="1"/>'.encode("cp037")

    assert "neither XML nor JSON" in refusal(body, NotFeatures)


@pytest.mark.parametrize("entity", ["nbsp", "eacute", "x"])
@pytest.mark.parametrize(
    "place", ["<a>Groene&{};Straat</a>", "<a b='&{};'/>", "<a>\x01&{};</a>", "<a>&#0;</a><b>&{};</b>"]
)
def test_undeclared_entity_is_named(entity, place):
    message = refusal(f"<FeatureCollection>\n{place.format(entity)}</FeatureCollection>", MalformedDocument)

    assert message.startswith(f"vendor.xml, line 2: the XML is not well-formed: it uses the entity &{entity};")


def test_entity_after_the_error_is_not_named():
    message = refusal("<FeatureCollection>\n<a></b>\n&nbsp;</FeatureCollection>", MalformedDocument)

    assert "line 2" in message
    assert "nbsp" not in message


# -- an exception report after a DOCTYPE

BOMB = "<!ENTITY lol{1} '{0}'>"
SUBSETS = {
    "none": "",
    "external": ' SYSTEM "http://127.0.0.1:9/exception_1_1_1.dtd"',
    "public": " PUBLIC '-//OGC//DTD ]>' \"http://127.0.0.1:9/x.dtd\"",
    "internal": ' [<!ELEMENT a (#PCDATA)><!-- ]> " --><?p ]> ?><!ENTITY lol9 "]>">]',
    "external file": ' [<!ENTITY lol9 SYSTEM "file:///etc/passwd"> <!ENTITY % p SYSTEM "file:///etc/passwd"> %p;] ',
    "bomb": f' [<!ENTITY lol0 "lol">{"".join(BOMB.format(f"&lol{n};" * 10, n + 1) for n in range(9))}]',
}
REPORTS = {
    "ServiceExceptionReport": "<{0} version='1.1.1'><ServiceException code='C'>mast is &lol9; off &amp; on"
    "</ServiceException></{0}>",
    "ows:ExceptionReport": "<{0} xmlns:ows='http://www.opengis.net/ows'><ows:Exception exceptionCode='C'>"
    "<ows:ExceptionText>mast is &lol9; off &amp; on</ows:ExceptionText></ows:Exception></{0}>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("subset", SUBSETS.values(), ids=SUBSETS)
@pytest.mark.parametrize("root", REPORTS)
def test_exception_report_is_read_without_its_doctype(root, subset, encoding):
    text = REPORTS[root].format(root).replace("mast", "één mast")
    body = f"<?xml version='1.0' encoding='{encoding}'?>\n<!DOCTYPE {root}{subset}>\n<!-- c -->{text}".encode(encoding)

    assert "één mast is &lol9; off & on (code C)" in refusal(body, UpstreamException)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE ServiceExceptionReport><!DOCTYPE f><ServiceExceptionReport/>",
        "<!DOCTYPE ServiceExceptionReport><FeatureCollection/>",
        "<!DOCTYPE ServiceExceptionReport [<ServiceExceptionReport/>",
        "<!DOCTYPE ServiceExceptionReport [<!ENTITY a '>]<ServiceExceptionReport/>",
        "<!ENTITY x 'y'><ServiceExceptionReport/>",
        f"<!DOCTYPE {'[' * 10_000}",
        f"<!DOCTYPE a [{'<!-- ' * 10_000}",
        "<!DOCTYPE a " + "'\"" * 10_000,
    ],
)
def test_doctype_that_is_not_alone_before_a_report_is_refused(text):
    assert "DOCTYPE" in refusal(text, UnsafeDocument)


def test_report_that_a_doctype_precedes_is_repaired():
    text = "<!DOCTYPE ServiceExceptionReport><ServiceExceptionReport><ServiceException>a\x01b</ServiceException>"

    assert "a b" in refusal(f"{text}</ServiceExceptionReport>", UpstreamException)


def test_unknown_encoding_is_named():
    assert "'klingon'" in refusal('<?xml version="1.0" encoding="klingon"?><f/>', MalformedDocument)
    assert "unknown" in refusal('<?xml version="1.0" encoding="utf-8\0"?><f/>', MalformedDocument)


@pytest.mark.parametrize("declared", ["US-ASCII", "us-ascii", "ASCII", "utf_8", "mac-roman"])
@pytest.mark.parametrize("text", ["Groène Straat, één", "Groene Straat"], ids=["beyond ASCII", "ASCII"])
def test_encoding_that_the_parser_does_not_know_or_that_has_not_all_characters_is_read_by_its_name(declared, text):
    """US-ASCII is declared by programs that then write UTF-8."""
    written = text.encode("mac-roman" if declared == "mac-roman" else "utf-8")
    body = f"<?xml version='1.0' encoding='{declared}'?><a>".encode() + written + b"</a>"

    assert parse_whole(open_markup(Payload(body=body))).text == text


def test_deep_nesting_is_refused():
    body = f"<FeatureCollection>{'<member>' * 300}{'</member>' * 300}</FeatureCollection>"

    assert "depth" in refusal(body, UnsafeDocument)


TRUNCATED = "the XML ends before its first element"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("<", TRUNCATED),
        ("<?xml", "XML declaration"),
        ("<?xml version='1.0'?>", TRUNCATED),
        ("<!-- only a comment", "Comment not terminated"),
        ("<FeatureCollection", "find end of Start Tag"),
        ("<FeatureCollection>", "Premature end"),
        ("<FeatureCollection><a></FeatureCollection>", "tag mismatch"),
        ("<FeatureCollection>&nbsp;</FeatureCollection>", "not well-formed"),
        ("<FeatureCollection>&x;</FeatureCollection>", "not well-formed"),
        ("<wfs:FeatureCollection/>", "Namespace prefix wfs"),
        ("<FeatureCollection xsi:schemaLocation=''/>", "Namespace prefix xsi"),
        (b'<?xml version="1.0" encoding="UTF-8"?><FeatureCollection>\xe9</Feature', "not well-formed"),
        (b"<FeatureCollection>&#0;</Feature", "not well-formed"),
        (b"<Feature\0Collection></FeatureCollection>", "a name that XML does not allow"),
        ("<Feature\ufffeCollection/>", "a name that XML does not allow"),
        (b"\xff\xfe<\0F\0e", "begins in utf-16-le"),
        (b"\xff\xfe<\0F\0e\0\0\xd8", "begins in utf-16-le"),
    ],
)
def test_document_that_is_not_well_formed_is_refused(body, reason):
    message = refusal(body, MalformedDocument)

    assert message.startswith("vendor.xml")
    assert reason in message


def test_message_has_names_as_they_were_written():
    assert "Namespace prefix a on b:c is not defined" in refusal("<x><a:b:c/></x>", MalformedDocument)


def test_message_names_the_line_of_the_error():
    assert "line 3" in refusal("<FeatureCollection>\n<a>\n</b>\n</FeatureCollection>", MalformedDocument)
