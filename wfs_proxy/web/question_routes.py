"""The question of a layer at `/layers/{id}/question`, and the pictures that it refers to at `/icons/`.

The answer is what `wfs-proxy question` prints. The pictures have addresses that never change, because questions in
Signalen contain them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, FastAPI, Query, Request, Response

from wfs_proxy.errors import BadRequest, NotFound, QuestionUnavailable
from wfs_proxy.question import FORMS, QuestionFinding, check_question, finding_line, icons, layer_question, obstacles
from wfs_proxy.serve import LiveCatalogue
from wfs_proxy.web.negotiation import negotiated
from wfs_proxy.web.problems import problem_response

__all__ = ["QuestionRoutes", "add_icons", "add_questions"]

FINDINGS = "Question-Findings"
"""The header field with the warnings of `wfs-proxy question`, separated by " | "."""

_ONE_DAY = "public, max-age=86400"

_FORM = Query(alias="for", description=f"The form: {', '.join(FORMS)}.")
_PUBLIC_URL = Query(alias="publicUrl", description="The public address of the proxy; default: WFS_PROXY_PUBLIC_URL.")


class QuestionRoutes:
    """The functions of the routes."""

    def __init__(self, catalogue: LiveCatalogue, public_url: str) -> None:
        self._catalogue = catalogue
        self._public_url = public_url

    async def question(
        self,
        request: Request,
        layer_id: str,
        form: Annotated[str, _FORM] = "",
        public_url: Annotated[str, _PUBLIC_URL] = "",
    ) -> Response:
        """What an administrator pastes: the field `meta` of a question in Signalen, or an asset type of Meldingen."""
        layer = self._catalogue.layer(layer_id)
        chosen = next((each for each in FORMS if each == form), None)
        if chosen is None:
            raise BadRequest(f"for= must be one of {', '.join(FORMS)}, got {form!r}.")
        address = public_url or self._public_url
        reasons = obstacles(layer, chosen, address)
        if reasons:
            raise QuestionUnavailable(" ".join(reason.en for reason in reasons))
        question = layer_question(layer, chosen, address)
        body = orjson.dumps(question.pasted, option=orjson.OPT_INDENT_2)
        findings = check_question(question.members, layer, chosen)
        return negotiated(request, body, "application/json", headers=_findings_field(findings))

    async def icon(self, request: Request, name: str) -> Response:
        """A picture for the map of a report form."""
        body = icons().get(name)
        if body is None:
            raise NotFound(f"There is no such picture; there are {', '.join(icons())}.")
        return negotiated(request, body, "image/svg+xml", headers={"Cache-Control": _ONE_DAY})


def _findings_field(findings: Sequence[QuestionFinding]) -> dict[str, str]:
    """Return the header field with what is wrong; the body is pasted as it is, so it has no place for it."""
    if not findings:
        return {}
    lines = " | ".join(finding_line(each, "en") for each in findings)
    return {FINDINGS: lines.encode("ascii", "backslashreplace").decode("ascii")}


def add_questions(router: APIRouter, routes: QuestionRoutes) -> None:
    """Add the routes."""
    router.add_api_route(
        "/layers/{layer_id}/question",
        routes.question,
        summary="The question of a layer, to paste",
        tags=["layers"],
        responses={
            200: {
                "content": {"application/json": {}},
                "description": "What an administrator pastes.",
                "headers": {
                    FINDINGS: {
                        "description": "What would not work in the form, such as an address on http; absent without.",
                        "schema": {"type": "string"},
                    }
                },
            },
            409: problem_response("There is no such question yet; the detail says what to do."),
        },
    )


def add_icons(app: FastAPI, routes: QuestionRoutes) -> None:
    """Add the pictures to the app. They are no resources of the API, so they have no version."""
    app.add_api_route("/icons/{name}.svg", routes.icon, include_in_schema=False)
