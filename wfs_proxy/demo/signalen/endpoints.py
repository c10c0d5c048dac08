"""The endpoints of the API. Each receives a request and the variable parts of its path, and returns an answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from typing import Any

from wfs_proxy.demo.signalen import signal_json
from wfs_proxy.demo.signalen.auth import IdentityProvider, authenticate
from wfs_proxy.demo.signalen.backend import Backend
from wfs_proxy.demo.signalen.filters import chosen, may_see, number, select
from wfs_proxy.demo.signalen.messages import ApiResponse, Refused, Request, invalid, not_allowed, server_error
from wfs_proxy.demo.signalen.paging import feature_page, list_page
from wfs_proxy.demo.signalen.records import Category, StoredSignal, User
from wfs_proxy.demo.signalen.reporting import change, report
from wfs_proxy.demo.signalen.states import HIDDEN_FROM_MAP

__all__ = ["Endpoint", "PrivateApi", "PublicApi"]

Endpoint = Callable[..., ApiResponse]
"""(request, parts of the path) -> answer. Raises Refused."""

_NEAR_METRES = 50.0
_NEAR_WEEKS = 12
_MAP_SIGNALS = 4000
_MAIN_CATEGORIES = 1000
"""Added to the first sub category's id, for the main one's."""

_METRES_PER_DEGREE = 111_195.0
"""Along a meridian, on a sphere."""


class PrivateApi:
    """The endpoints for machine users and the back office."""

    def __init__(self, backend: Backend, provider: IdentityProvider, *, forgiving: bool) -> None:
        self._backend = backend
        self._provider = provider
        self._forgiving = forgiving

    def signals(self, request: Request) -> ApiResponse:
        """GET /private/signals/."""
        user = self._user(request)
        frame, rows = list_page(request, select(self._backend, user, request.params))
        return ApiResponse.json(
            {**frame, "results": [signal_json.row(self._backend, user, request.host, row) for row in rows]}
        )

    def geography(self, request: Request) -> ApiResponse:
        """GET /private/signals/geography."""
        rows = select(self._backend, self._user(request), request.params)
        return feature_page(request, [signal_json.feature(row) for row in rows])

    def signal(self, request: Request, signal_id: str) -> ApiResponse:
        """GET /private/signals/{id}."""
        user = self._user(request)
        return self._detail(request, user, self._find(user, signal_id))

    def change(self, request: Request, signal_id: str) -> ApiResponse:
        """PATCH /private/signals/{id}."""
        user = self._user(request)
        if not user.write:
            raise _forbidden()
        signal = self._find(user, signal_id)
        change(self._backend, user, signal, request.json())
        return self._detail(request, user, signal)

    def write(self, request: Request, *_: str) -> ApiResponse:
        """Refuse to create or replace a signal, which no user may: 403, or 405 for one who may change signals."""
        user = self._authenticated(request)
        if request.method == "POST" or not user.write:
            raise _forbidden()
        return not_allowed(request)

    def describe(self, request: Request, *_: str) -> ApiResponse:
        """OPTIONS of any endpoint of the private API."""
        self._authenticated(request)
        return _description()

    def history(self, request: Request, signal_id: str) -> ApiResponse:
        """GET /private/signals/{id}/history?what=UPDATE_STATUS."""
        return ApiResponse.json(signal_json.history(self._find(self._user(request), signal_id)))

    def near(self, request: Request, signal_id: str) -> ApiResponse:
        """GET /private/signals/{id}/context/near/geography: recent signals near it of its category, in any state."""
        user = self._user(request)
        signal = self._find(user, signal_id)
        since = self._backend.now() - timedelta(weeks=_NEAR_WEEKS)
        near = [
            signal_json.near_feature(other)
            for other in select(self._backend, user, {"category_slug": [signal.category]})
            if other.id != signal.id and other.created_at >= since and _metres(signal, other) <= _NEAR_METRES
        ]
        return feature_page(request, near)

    def search(self, request: Request) -> ApiResponse:
        """GET /private/search: there is no Elasticsearch here."""
        self._user(request)
        return ApiResponse.json({"detail": "The elastic cluster is unreachable"}, 504)

    def categories(self, request: Request) -> ApiResponse:
        """GET /private/categories/."""
        self._user(request)
        subs = sorted(self._backend.categories.values(), key=lambda category: category.name)
        mains = {category.main_slug: self._main(request.host, category) for category in subs}
        first = [mains[slug] for slug in sorted(mains)]
        frame, rows = list_page(request, [*first, *(self._category(request.host, category) for category in subs)])
        return ApiResponse.json({**frame, "results": list(rows)})

    def _authenticated(self, request: Request) -> User:
        return authenticate(request, self._provider, self._backend.users, forgiving=self._forgiving)

    def _user(self, request: Request) -> User:
        user = self._authenticated(request)
        if not user.read:
            raise _forbidden()
        return user

    def _find(self, user: User, signal_id: str) -> StoredSignal:
        signal = self._backend.find(int(signal_id))
        if signal is None or not may_see(self._backend, user, signal):
            raise _not_found()
        return signal

    def _detail(self, request: Request, user: User, signal: StoredSignal) -> ApiResponse:
        return ApiResponse.json(signal_json.detail(self._backend, user, request.host, signal))

    def _category(self, host: str, category: Category) -> dict[str, Any]:
        return {
            **_category_row(host, category.id, category.name, category.path),
            "handling_message": category.handling_message,
            "sla": {"n_days": category.days, "use_calendar_days": not category.workdays},
            "departments": _departments(self._backend, category),
            "is_public_accessible": category.public,
        }

    def _main(self, host: str, category: Category) -> dict[str, Any]:
        number = min(one.id for one in self._backend.categories.values() if one.main_slug == category.main_slug)
        path = category.path.partition("/sub_categories/")[0]
        return _category_row(host, number + _MAIN_CATEGORIES, category.main, path)


def _category_row(host: str, number: int, name: str, path: str) -> dict[str, Any]:
    """Return a category of the private API, without departments and deadlines."""
    own = f"{host}/signals/v1/private/categories/{number}"
    templates = f"{host}{path.replace('/public/', '/private/')}/status-message-templates"
    return {
        "_links": {
            "curies": {"name": "sia", "href": f"{host}/signals/v1/relations"},
            "self": {"href": own, "public": f"{host}{path}"},
            "archives": {"href": f"{own}/history"},
            "sia:status-message-templates": {"href": templates},
        },
        "_display": name,
        "id": number,
        "name": name,
        "slug": path.rpartition("/")[2],
        "is_active": True,
        "description": None,
        "handling_message": "",
        "sla": {"n_days": None, "use_calendar_days": None},
        "departments": [],
        "note": None,
        "public_name": None,
        "is_public_accessible": False,
        "configuration": None,
        "icon": None,
    }


class PublicApi:
    """The endpoints for everybody."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def describe(self, _: Request, *__: str) -> ApiResponse:
        """OPTIONS of any endpoint of the public API."""
        return _description()

    def report(self, request: Request) -> ApiResponse:
        """POST /public/signals/."""
        return ApiResponse.json(signal_json.public_detail(report(self._backend, request.json())), 201)

    def signal(self, _: Request, signal_id: str) -> ApiResponse:
        """GET /public/signals/{uuid}."""
        for signal in self._backend.signals():
            if signal.signal_id == signal_id:
                return ApiResponse.json(signal_json.public_detail(signal))
        raise _not_found()

    def geography(self, request: Request) -> ApiResponse:
        """GET /public/signals/geography: by box or by exact place, from the materialized view."""
        backend = self._backend
        public = [category for category in backend.categories.values() if category.public]
        _require_area(request)
        slugs = chosen(request.params, "category_slug", (category.slug for category in public))
        mains = chosen(request.params, "maincategory_slug", (one.main_slug for one in backend.categories.values()))
        inside = _area(request)
        rows = [
            signal
            for signal in backend.public_geography()
            if inside(signal)
            and (not slugs or signal.category in slugs)
            and (not mains or backend.categories[signal.category].main_slug in mains)
        ]
        if request.last("group_by") == "category":
            # a bug of the backend: as many rows as there are categories, but not one of each
            rows = rows[: len({signal.category for signal in rows})]
        return feature_page(request, [signal_json.public_feature(backend, row) for row in rows])

    def map_signals(self, _: Request) -> ApiResponse:
        """GET /public/map-signals: deprecated, newest first, all categories."""
        rows = sorted(self._backend.signals(), key=lambda signal: signal.created_at, reverse=True)
        shown = [signal for signal in rows if signal.state not in HIDDEN_FROM_MAP][:_MAP_SIGNALS]
        features = [signal_json.map_feature(self._backend, signal) for signal in shown]
        answer = ApiResponse.json({"type": "FeatureCollection", "features": features})
        return ApiResponse(body=answer.body, headers={"Content-Type": "application/json; charset=utf-8"})

    def questions(self, request: Request) -> ApiResponse:
        """GET /public/questions/: a sub category without its main category is ignored."""
        main, sub = request.last("main_slug"), request.last("sub_slug")
        found = [
            question
            for question in self._backend.questions
            if not main or (question.main_slug == main and (not sub or question.sub_slug == sub))
        ]
        frame, rows = list_page(request, found)
        results = [
            {"key": row.key, "field_type": row.field_type, "meta": row.meta, "required": row.required} for row in rows
        ]
        return ApiResponse.json({**frame, "results": results})

    def categories(self, request: Request) -> ApiResponse:
        """GET /public/terms/categories/: the main categories, each with its sub categories."""
        subs = sorted(self._backend.categories.values(), key=lambda category: (category.main_slug, category.name))
        mains = [(slug, list(group)) for slug, group in groupby(subs, lambda category: category.main_slug)]
        frame, rows = list_page(request, mains)
        results = [
            {
                "name": group[0].main,
                "slug": slug,
                "sub_categories": [
                    {"name": each.name, "slug": each.slug, "is_active": True, "is_public_accessible": each.public}
                    for each in group
                ],
            }
            for slug, group in rows
        ]
        return ApiResponse.json({**frame, "results": results})

    def category(self, request: Request, main_slug: str, slug: str) -> ApiResponse:
        """GET /public/terms/categories/{main}/sub_categories/{sub}."""
        category = self._backend.categories.get(slug)
        if category is None or category.main_slug != main_slug:
            raise Refused(ApiResponse.json({"detail": "No Category matches the given query."}, 404))
        return ApiResponse.json(
            {
                "_links": {
                    "curies": {"name": "sia", "href": f"{request.host}/signals/v1/relations"},
                    "self": {"href": f"{request.host}{category.path}"},
                },
                "_display": f"{category.name} ({category.main})",
                "name": category.name,
                "slug": category.slug,
                "handling": category.handling,
                "departments": _departments(self._backend, category),
                "is_active": True,
                "description": None,
                "handling_message": category.handling_message,
                "public_name": category.name,
                "is_public_accessible": category.public,
            }
        )


def _departments(backend: Backend, category: Category) -> list[dict[str, Any]]:
    departments = [backend.departments[code] for code in category.responsible]
    return [{"code": one.code, "name": one.name, "is_intern": True} for one in departments]


def _require_area(request: Request) -> None:
    """Refuse a request without a box or a place with 400. The content of the box is not looked at."""
    if not request.last("bbox") and not (request.last("lat") and request.last("lon")):
        raise invalid({"non_field_errors": ["Either bbox or lon/lat must be filled in"]})


def _area(request: Request) -> Callable[[StoredSignal], bool]:
    """Return whether a signal is in the area of the request.

    Raises:
        Refused: 400 for a place, 500 for a box whose values are not numbers.
    """
    box = request.last("bbox")
    place = number(request.params, "lon"), number(request.params, "lat")
    if not box:
        return lambda signal: signal.place == place
    try:
        west, south, east, north = map(float, box.split(","))
    except ValueError:
        raise server_error("origin") from None
    return lambda signal: west <= signal.place[0] <= east and south <= signal.place[1] <= north


def _metres(one: StoredSignal, other: StoredSignal) -> float:
    east = (one.place[0] - other.place[0]) * math.cos(math.radians(one.place[1]))
    return math.hypot(east, one.place[1] - other.place[1]) * _METRES_PER_DEGREE


def _description() -> ApiResponse:
    """Return what Django REST Framework answers to OPTIONS, without the names of the views."""
    return ApiResponse.json(
        {
            "name": "",
            "description": "",
            "renders": ["application/json"],
            "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
        }
    )


def _forbidden() -> Refused:
    return Refused(ApiResponse.json({"detail": "Je hebt geen toestemming om deze actie uit te voeren."}, 403))


def _not_found() -> Refused:
    return Refused(ApiResponse.json({"detail": "No Signal matches the given query."}, 404))
