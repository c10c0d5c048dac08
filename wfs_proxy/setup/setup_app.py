"""The page as an ASGI application: admits requests, answers forms, and keeps what was chosen in memory.

Each step is a page with a form. A form that is sent changes the state and is answered by a redirect to the next step
(RFC 9110, section 15.4.4), or by the same page with the errors. That is a normal answer to a person, so its status is
200: of 422 browsers report an error in their console. All of it works without JavaScript; the script only shows the
map, the file while somebody types, and the progress of an inspection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson

from wfs_proxy.asgi import ASGIApp, Receive, Response, Scope, Send
from wfs_proxy.errors import ConfigurationError
from wfs_proxy.inspect import login_from_address, read_address
from wfs_proxy.pages import Assets, PageRenderer, PageRequest
from wfs_proxy.question import address_problem
from wfs_proxy.setup.answers import (
    NEW_INSTANCE,
    NO_CATEGORY,
    Accepted,
    Errors,
    NewSignalen,
    answer_fields,
    answer_id,
    answer_name,
    answer_objects,
    answer_reports,
    read_address_answer,
    without_login,
)
from wfs_proxy.setup.inspections import cancel_inspection, inspect_chosen_type, inspect_service
from wfs_proxy.setup.layer_writing import (
    checked_layer,
    composed_layer,
    id_is_taken,
    layer_path,
    save_layer,
    served_objects,
)
from wfs_proxy.setup.responses import page_response, redirect, refused, text
from wfs_proxy.setup.setup_request import Guard, SetupRequest, read_form
from wfs_proxy.setup.setup_state import STEPS, SetupState, Step, known_instances
from wfs_proxy.setup.signalen_answer import ask_signalen
from wfs_proxy.setup.step_pages import StepPages

__all__ = ["SetupOptions", "create_setup"]

_TEXT = "text/plain"


@dataclass(frozen=True, kw_only=True)
class SetupOptions:
    """What the command decides."""

    folder: Path
    """Of the layer files."""

    token: str = field(repr=False)
    """Random; part of every URL."""

    port: int
    """On which the app is served."""

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The values of `${VAR}` when a file is checked."""

    tiles: str | None = None
    """The URL template of background tiles; None without them."""

    public_url: str = ""
    """Of the proxy that will serve the layer; "" while it is unknown."""

    address: str = ""
    """Of a service, to begin with."""

    command: str = "wfs-proxy"
    """With which the person can run this program again."""


def create_setup(options: SetupOptions, end: Callable[[], None]) -> ASGIApp:
    """Return the application.

    Args:
        options: of the command.
        end: ends the server; called when the person is done.
    """
    return _SetupApp(options, end)


class _SetupApp:
    def __init__(self, options: SetupOptions, end: Callable[[], None]) -> None:
        self._options = options
        self._end = end
        self._ended = False
        self._guard = Guard(token=options.token, port=options.port)
        self._assets = Assets.installed()
        self._state = _first_state(options)
        self._pages = StepPages(PageRenderer(self._assets), options.tiles, options.environment, options.command)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            refusal = self._guard.refusal(scope)
            response = await self._admitted(scope, receive) if refusal is None else refused(refusal)
            await response.send(send, with_body=scope["method"] != "HEAD")
            if self._ended:
                self._end()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                cancel_inspection(self._state)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _admitted(self, scope: Scope, receive: Receive) -> Response:
        form = await read_form(receive) if scope["method"] == "POST" else {}
        if form is None:
            return refused("too_large")
        request = self._guard.read(scope, form)
        page = PageRequest.read(request.query, request.accept_language)
        try:
            return await (self._post(request, page) if request.method == "POST" else self._get(request, page))
        except ConfigurationError as error:
            return page_response(self._pages.failed(page, self._state, str(error)), page, self._options.tiles, 500)

    # -- GET

    async def _get(self, request: SetupRequest, page: PageRequest) -> Response:
        if request.path.startswith("assets/"):
            return self._asset(request.path)
        match request.path:
            case "":
                return redirect(self._state.current(), page)
            case "progress":
                return self._progress()
            case "wait":
                return self._wait(page)
            case "objects.geojson":
                return await self._objects(page)
        step = _step_named(request.path)
        return refused("not_found") if step is None else self._elsewhere(step, page) or await self._page(step, page)

    def _elsewhere(self, step: Step, page: PageRequest) -> Response | None:
        """Return the redirect to where the person has to be instead; None if the step may be visited."""
        if self._state.inspecting:
            return redirect("wait", page)
        return None if self._state.may_visit(step) else redirect(self._state.current(), page)

    def _asset(self, path: str) -> Response:
        found = self._assets.find(path.partition("/")[2].partition("/")[2])
        if found is None:
            return refused("not_found")
        headers = [(b"content-type", found.media_type.encode()), (b"cache-control", b"private, max-age=3600")]
        return Response(200, [*headers, (b"x-content-type-options", b"nosniff")], found.body)

    def _progress(self) -> Response:
        step = self._state.progress
        body = {
            "done": not self._state.inspecting,
            "part": None if step is None else step.part,
            "value": 0 if step is None else step.done,
            "total": 1 if step is None else step.total,
        }
        return text(orjson.dumps(body), "application/json")

    def _wait(self, page: PageRequest) -> Response:
        if self._state.inspecting:
            return page_response(self._pages.wait(page, self._state), page, self._options.tiles)
        if self._state.inspection is not None and not self._state.inspection.cancelled():
            # an error of this program, not of the vendor, is reported as such
            self._state.inspection.result()
        return redirect(self._state.current(), page)

    async def _objects(self, page: PageRequest) -> Response:
        if self._state.draft is None:
            return refused("not_found")
        composed = composed_layer(self._state, page.language)
        checked = await asyncio.to_thread(checked_layer, composed, layer_path(self._state), self._options.environment)
        converted = await asyncio.to_thread(served_objects, checked.layer, self._state.sample)
        empty = b'{"type":"FeatureCollection","features":[]}'
        return text(empty if converted is None else converted.geojson, "application/geo+json")

    async def _page(
        self, step: Step, page: PageRequest, errors: Errors | None = None, request: SetupRequest | None = None
    ) -> Response:
        body = await self._pages.step(step, page, self._state, errors or {}, request)
        return page_response(body, page, self._options.tiles)

    # -- POST

    async def _post(self, request: SetupRequest, page: PageRequest) -> Response:
        match request.path:
            case "end":
                return self._end_of(request, page)
            case "cancel":
                cancel_inspection(self._state)
                return redirect(self._state.current(), page)
            case "another":
                self._state.forget_type()
                return redirect(self._state.current(), page)
        step = _step_named(request.path)
        if step is None:
            return refused("not_found")
        return self._elsewhere(step, page) or await self._take(step, request, page)

    def _end_of(self, request: SetupRequest, page: PageRequest) -> Response:
        """End, after a question if choices would be lost."""
        self._ended = self._state.draft is None or self._state.saved is not None or request.one("sure") == "yes"
        shown = self._pages.ended if self._ended else self._pages.unsaved
        return page_response(shown(page, self._state), page, self._options.tiles)

    async def _take(self, step: Step, request: SetupRequest, page: PageRequest) -> Response:
        """Take the form of a step."""
        match step:
            case "address":
                return await self._take_address(request, page)
            case "type":
                return await self._take_type(request, page)
            case "question":
                return await self._take_public_url(request, page)
            case _:
                return await self._take_settings(step, request, page)

    async def _take_address(self, request: SetupRequest, page: PageRequest) -> Response:
        state = self._state
        answer = read_address_answer(request, state.address, state.login)
        if answer.errors:
            return await self._page("address", page, answer.errors, request)
        state.address, state.login = answer.address, answer.login
        inspect_service(state)
        return redirect("wait", page)

    async def _take_type(self, request: SetupRequest, page: PageRequest) -> Response:
        service = self._state.service
        given = request.form.get("type", [None])[0]
        if service is None or given is None or given not in {each.name for each in service.types}:
            return await self._page("type", page, {"type": "error_type"}, request)
        inspect_chosen_type(self._state, given)
        return redirect("wait", page)

    async def _take_public_url(self, request: SetupRequest, page: PageRequest) -> Response:
        url = request.one("public_url").rstrip("/")
        if address_problem(url) is not None:
            return await self._page("question", page, {"public_url": "error_public_url"}, request)
        self._state.public_url = url
        return redirect("question", page)

    async def _take_settings(self, step: Step, request: SetupRequest, page: PageRequest) -> Response:
        """Take one of the forms about the layer; with `Accept: text/plain` only show the file that it would make."""
        accepted = self._accepted(step, request)
        before = (self._state.draft, self._state.signalen_url, self._state.signalen_token)
        self._state.draft = accepted.draft
        if step == "reports":
            self._state.signalen_url, self._state.signalen_token = accepted.signalen_url, accepted.signalen_token
        if request.accept == _TEXT:
            shown = composed_layer(self._state, page.language).text
            self._state.draft, self._state.signalen_url, self._state.signalen_token = before
            return text(shown.encode(), "text/plain; charset=utf-8")
        if step == "reports":
            return await self._connect(accepted, request, page)
        if accepted.errors:
            return await self._page(step, page, accepted.errors, request)
        if step == "save":
            return await self._save(request, page)
        return redirect(STEPS[STEPS.index(step) + 1], page)

    async def _connect(self, accepted: Accepted, request: SetupRequest, page: PageRequest) -> Response:
        """Go on if Signalen accepts what was given, or if the person chose to go on without asking it."""
        state = self._state
        unchecked = request.one("unchecked") == "yes"
        found = await self._asked(accepted, request) if request.one("signalen") and not unchecked else {}
        errors = {**accepted.errors, **found}
        state.may_skip_check = bool(found)
        state.signalen_unchecked = unchecked and bool(accepted.draft.signalen)
        if request.one("lookup") == "yes" and errors == NO_CATEGORY:
            return await self._page("reports", page, {}, request)
        if errors:
            state.draft = replace(accepted.draft, signalen="", categories=())
            return await self._page("reports", page, errors, request)
        return redirect("save", page)

    async def _asked(self, accepted: Accepted, request: SetupRequest) -> Errors:
        """Ask Signalen, keep its categories to choose from, and return what is wrong with the form."""
        is_new = request.one("signalen") == NEW_INSTANCE
        if accepted.instance is None:
            return {} if is_new else {"signalen": "error_instance"}
        answer = await ask_signalen(accepted.instance, accepted.categories)
        self._state.categories = answer.categories
        return answer.errors(new_instance=is_new)

    def _accepted(self, step: Step, request: SetupRequest) -> Accepted:
        draft, report = self._state.draft, self._state.report
        assert draft is not None
        assert report is not None
        if step == "objects":
            return answer_objects(draft, request)
        if step == "fields":
            return answer_fields(draft, report, request)
        if step == "id":
            return answer_id(draft, report, request)
        if step == "reports":
            instances = known_instances(self._options.folder, self._options.environment)
            before = NewSignalen(url=self._state.signalen_url, token=self._state.signalen_token)
            return answer_reports(draft, report, request, instances, before)
        return answer_name(draft, request)

    async def _save(self, request: SetupRequest, page: PageRequest) -> Response:
        path = layer_path(self._state)
        if path.exists() and request.one("replace") != "yes":
            return await self._page("save", page, {"replace": "error_exists"}, request)
        if await asyncio.to_thread(id_is_taken, path, self._options.environment):
            return await self._page("save", page, {"name": "error_taken"}, request)
        composed = composed_layer(self._state, page.language)
        checked = await asyncio.to_thread(checked_layer, composed, path, self._options.environment)
        if checked.layer is None:
            return await self._page("save", page, {"name": "error_check"}, request)
        await asyncio.to_thread(save_layer, self._state, composed, checked.layer)
        return redirect("question", page)


def _first_state(options: SetupOptions) -> SetupState:
    pasted = read_address(options.address)
    return SetupState(
        folder=options.folder,
        address=without_login(options.address),
        login=None if pasted is None else login_from_address(pasted),
        public_url=options.public_url,
    )


def _step_named(path: str) -> Step | None:
    return next((step for step in STEPS if step == path), None)
