from __future__ import annotations

import pytest

from wfs_proxy.errors import BadRequest, NotFound, NotReady, WfsRequestError


@pytest.mark.parametrize("sent", ["x" * 50_000, "x " * 25_000, "é\u2028" * 25_000, "1," * 25_000])
def test_messages_repeat_the_beginning_of_what_a_client_sent(sent):
    for error in (
        BadRequest(f"bbox={sent} must be four numbers."),
        NotFound(f"There is no layer {sent!r}."),
        WfsRequestError(f"srsName={sent} is unknown.", code="InvalidParameterValue", locator="srsName"),
        NotReady(f"{sent} is not ready.", retry_after=1),
    ):
        assert len(str(error)) < 3_100


def test_other_messages_are_as_they_were_written():
    names = ", ".join(f"property_{number}" for number in range(100))
    message = f"There is no property. Possible: {names}. See http://www.opengis.net/def/crs/EPSG/0/28992."

    assert str(BadRequest(message)) == message
    assert str(BadRequest(f"bbox={'1' * 200} must be four numbers.")) == f"bbox={'1' * 95}... must be four numbers."
