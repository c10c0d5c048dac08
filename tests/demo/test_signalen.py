"""The pitfalls of Signalen's API, as the demo's Signalen has them."""

from __future__ import annotations

import base64
import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from clocks import Clock
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_signalen import CATEGORIES, DEPARTMENTS, USERS

from wfs_proxy.demo.signalen.app import Signalen
from wfs_proxy.demo.signalen.auth import Client, IdentityProvider
from wfs_proxy.demo.signalen.backend import REFRESH_SECONDS, Backend
from wfs_proxy.demo.signalen.messages import Request
from wfs_proxy.demo.signalen.states import DISPLAY, may_follow

PLACE = (6.5665, 53.2194)
LIGHT = "lantaarnpaal-straatverlichting"
WASTE = "container-is-vol"
LIST = "/signals/v1/private/signals/"
PUBLIC = "/signals/v1/public/signals/"
MACHINE = "svc-moon@example.org"


class Service:
    """The service, and requests to it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.backend = Backend(clock=self.clock, categories=CATEGORIES, departments=DEPARTMENTS, users=USERS)
        self.provider = IdentityProvider(clock=self.clock, clients={"proxy": Client(secret="s 1", email=MACHINE)})
        self.signalen = Signalen(self.backend, self.provider)

    def ask(self, path: str, method: str = "GET", body: Any = None, email: str | None = MACHINE, **headers: str):
        """Return status and body of an answer."""
        path, _, query = path.partition("?")
        if email:
            headers["authorization"] = f"Bearer {self.provider.mint(email)}"
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = Request(method=method, host="http://s", path=path, query=query, headers=headers, body=sent)
        answer = self.signalen.answer(request)
        if answer.headers["Content-Type"].startswith("application/json"):
            return answer.status, json.loads(answer.body)
        return answer.status, answer.body.decode()

    def listed(self, query: str = "", **options: Any) -> list[int]:
        """Return the ids of a page of the private list."""
        status, body = self.ask(f"{LIST}?{query}", **options)
        assert status == 200, body
        return [row["id"] for row in body["results"]]

    def report(self, **changes: Any):
        """Post a public report."""
        return self.ask(PUBLIC, "POST", {**REPORT, **changes}, email=None)


REPORT = {
    "text": "Lamp is uit",
    "location": {"geometrie": {"type": "Point", "coordinates": list(PLACE)}},
    "category": {"sub_category": CATEGORIES[0].path},
    "reporter": {"email": "iemand@example.org"},
    "incident_date_start": "2026-11-23T15:53:43+00:00",
}


@pytest.fixture
def service() -> Service:
    return Service()


def answer(value: Any) -> dict[str, Any]:
    """An entry of extra_properties."""
    return {"id": "extra", "label": "Lamp", "category_url": CATEGORIES[0].path, "answer": value}


def test_report_is_listed_with_what_it_named(service):
    status, created = service.report(extra_properties=[answer([{"id": "GR-1", "type": "Feature"}])])
    (row,) = service.ask(LIST)[1]["results"]
    assert (status, created["status"]["state"], created["id"]) == (201, "OPEN", 1)
    assert row["extra_properties"][0]["answer"] == [{"id": "GR-1", "type": "Feature"}]
    assert (row["status"]["state"], row["category"]["sub_slug"]) == ("m", LIGHT)
    assert service.ask(f"{PUBLIC}{created['signal_id']}", email=None) == (200, created)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(JSON)
def test_report_takes_any_answer(value):
    service = Service()
    assert service.report(extra_properties=[answer(value)])[0] == 201
    assert service.ask(f"{LIST}1")[1]["extra_properties"][0]["answer"] == value


@settings(max_examples=100)
@given(JSON)
def test_report_of_any_shape_is_answered_without_a_fault(value):
    for body in (value, {**REPORT, "location": value}, {**REPORT, "category": value}, {**REPORT, "text": value}):
        assert Service().ask(PUBLIC, "POST", body, email=None)[0] in {201, 400}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"location": {"geometrie": {"type": "Point", "coordinates": [53.2, 6.5]}}}, "location"),
        ({"category": {"sub_category": "/signals/v1/public/terms/categories/x/sub_categories/y"}}, "category"),
        ({"text": " "}, "text"),
        ({"incident_date_start": "gisteren"}, "incident_date_start"),
        ({"extra_properties": {"id": "no array"}}, "extra_properties"),
        ({"extra_properties": [{"id": "without answer"}]}, "extra_properties"),
        ({"source": "bestaat-niet"}, "source"),
        ({"source": "Telefoon"}, "source"),
        ({"source": ""}, "source"),
        ({"reporter": {"email": "geen-adres"}}, "reporter"),
        ({"reporter": {"email": "a@b"}}, "reporter"),
        ({"reporter": {"email": "a b@example.org"}}, "reporter"),
        ({"reporter": {"email": 7}}, "reporter"),
        ({"reporter": {"phone": "0" * 18}}, "reporter"),
        ({"status": {"state": "o"}}, "non_field_errors"),
    ],
)
def test_report_is_refused_by_field(service, changes, field):
    status, errors = service.report(**changes)
    assert (status, list(errors)) == (400, [field])
    assert service.listed() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "online"},
        {"source": "Online"},
        {"reporter": {}},
        {"reporter": {"email": "", "phone": ""}},
        {"reporter": {"email": None, "phone": None}},
        {"reporter": {"email": "j.de-vries+lamp@sub.example.org", "phone": "020 1234567"}},
        {"text_extra": "x", "incident_date_end": None},
    ],
)
def test_report_that_a_form_sends_is_taken(service, changes):
    assert service.report(**changes)[0] == 201


def test_report_that_is_not_json_or_is_empty(service):
    assert service.ask(PUBLIC, "POST", b"{", email=None)[0] == 400
    status, errors = service.ask(PUBLIC, "POST", {}, email=None)
    assert (status, set(errors)) == (400, set(REPORT))


def test_closing_changes_the_state_and_the_moment(service):
    service.report()
    service.clock.now += 60
    status, row = service.ask(f"{LIST}1", "PATCH", {"status": {"state": "o", "text": "Klaar"}})
    assert (status, row["status"]["state"], row["status"]["user"]) == (200, "o", MACHINE)
    assert datetime.fromisoformat(row["updated_at"]).timestamp() == service.clock.now
    assert [step["action"].rpartition(": ")[2] for step in service.ask(f"{LIST}1/history")[1]] == [
        "Afgehandeld",
        "Gemeld",
    ]


@pytest.mark.parametrize(("state", "following"), sorted(itertools.product(DISPLAY, DISPLAY)))
def test_only_allowed_transitions(service, state, following):
    signal = service.backend.create(PLACE, LIGHT)
    service.backend.set_status(signal, state)
    settable = following not in {"sent", "send failed", "done external", "reopen requested"}
    target = {"target_api": "sigmax"} if following == "ready to send" else {}
    change = {"status": {"state": following, "text": "x", **target}}
    status, _ = service.ask(f"{LIST}1", "PATCH", change)
    assert status == (200 if settable and may_follow(state, following) else 400)
    assert signal.state == (following if status == 200 else state)


def test_a_change_with_a_fault_changes_nothing(service):
    signal = service.backend.create(PLACE, LIGHT)
    change = {"category": {"sub_category": CATEGORIES[2].path}, "status": {"state": "sent"}}
    assert service.ask(f"{LIST}1", "PATCH", change)[0] == 400
    assert (signal.category, signal.state) == (LIGHT, "m")


@pytest.mark.parametrize(
    ("before", "change", "field"),
    [
        ("m", {"state": "ready to send"}, "target_api"),
        ("m", {"state": "i", "target_api": "sigmax"}, "target_api"),
        ("m", {"state": "o"}, "text"),
        ("m", {"state": "o", "text": ""}, "text"),
        ("m", {"state": "o", "text": None}, "text"),
        ("o", {"state": "reopened"}, "text"),
        ("o", {"state": "i", "text": "x"}, "state"),
        ("m", {"state": "bestaat-niet"}, "status"),
        ("m", {"state": "sent"}, "status"),
        ("m", {"state": "i", "text": 7}, "status"),
        ("m", {"state": "ready to send", "target_api": "x"}, "status"),
    ],
)
def test_a_status_that_breaks_a_rule_is_refused(service, before, change, field):
    signal = service.backend.create(PLACE, LIGHT)
    service.backend.set_status(signal, before)
    status, errors = service.ask(f"{LIST}1", "PATCH", {"status": change})
    assert (status, list(errors)) == (400, [field])
    assert signal.state == before


@pytest.mark.parametrize("change", [{"state": "a"}, {"state": "i", "text": ""}, {"state": "o", "text": "Klaar"}])
def test_only_some_states_need_a_text(service, change):
    signal = service.backend.create(PLACE, LIGHT)
    assert service.ask(f"{LIST}1", "PATCH", {"status": change})[0] == 200
    assert signal.state == change["state"]


def test_patching_the_answers_changes_nothing(service):
    service.report(extra_properties=[answer("GR-1")])
    before = service.ask(f"{LIST}1")
    assert service.ask(f"{LIST}1", "PATCH", {"extra_properties": [answer("GR-2")]}) == before


def test_recategorising_clears_the_routing(service):
    signal = service.backend.create(PLACE, LIGHT)
    service.ask(f"{LIST}1", "PATCH", {"routing_departments": [{"id": 13}]})
    assert signal.routing == ("STL",)
    service.ask(f"{LIST}1", "PATCH", {"category": {"sub_category": f"http://s{CATEGORIES[2].path}"}})
    assert (signal.category, signal.routing) == (WASTE, None)


def test_a_note_moves_the_signal_in_time(service):
    signal = service.backend.create(PLACE, LIGHT)
    service.clock.now += 5
    service.ask(f"{LIST}1", "PATCH", {"notes": [{"text": "Gezien"}]})
    assert signal.updated_at == datetime.fromtimestamp(service.clock.now, UTC)
    assert service.listed("note_keyword=GEZIEN") == [1]


def test_closing_a_parent_cancels_its_open_children(service):
    backend = service.backend
    parent = backend.create(PLACE, WASTE)
    children = [backend.create(PLACE, WASTE, parent=parent.id) for _ in range(2)]
    backend.set_status(children[0], "o")
    backend.set_status(parent, "o")
    assert [child.state for child in children] == ["o", "a"]
    rows = service.ask(f"{LIST}?ordering=id")[1]["results"]
    assert [(row["has_parent"], row["has_children"]) for row in rows] == [(False, True), (True, False), (True, False)]
    assert [service.listed(f"kind={kind}&ordering=id") for kind in ("parent_signal", "child_signal", "signal")] == [
        [1],
        [2, 3],
        [],
    ]


def test_who_may_not_write_is_refused(service):
    service.backend.create(PLACE, LIGHT)
    assert service.ask(f"{LIST}1", "PATCH", {}, email="svc-assetproxy@example.org")[0] == 403


def test_moments_are_inclusive_on_both_sides(service):
    for _ in range(3):
        service.backend.create(PLACE, LIGHT)
        service.clock.now += 1
    at = datetime.fromtimestamp(service.clock.now - 2, UTC).isoformat().replace("+00:00", "Z")
    assert service.listed(f"created_after={at}&ordering=id") == [2, 3]
    assert service.listed(f"updated_before={at}&ordering=id") == [1, 2]
    assert service.listed(f"created_after={at}&created_before={at}") == [2]


def test_a_moment_without_offset_is_dutch(service):
    service.backend.create(PLACE, LIGHT, at=datetime(2026, 7, 1, 10, tzinfo=UTC))
    assert service.listed("created_after=2026-07-01T12:00:00") == [1]
    assert service.listed("created_after=2026-07-01T12:00:01") == []


def test_equal_keys_lie_in_the_order_of_the_last_change(service):
    for _ in range(3):
        service.backend.create(PLACE, LIGHT)
    assert service.listed("ordering=created_at") == [1, 2, 3]
    service.backend.add_note(service.backend.find(1), "x")
    assert service.listed("ordering=created_at") == [2, 3, 1]


def test_a_row_that_changes_between_two_pages_hides_another(service):
    for _ in range(4):
        service.backend.create(PLACE, LIGHT)
        service.clock.now += 1
    first = service.listed("ordering=updated_at&page_size=2")
    service.backend.add_note(service.backend.find(1), "moves to the end")
    second = service.listed("ordering=updated_at&page_size=2&page=2")
    assert (first, second) == ([1, 2], [4, 1])


def test_category_slugs_are_alternatives_and_an_id_puts_them_aside(service):
    for category in (LIGHT, "put-riolering-verstopt", WASTE):
        service.backend.create(PLACE, category)
    assert service.listed(f"category_slug={LIGHT}&maincategory_slug=afval&ordering=id") == [1, 3]
    assert service.listed(f"category_slug={LIGHT}&maincategory_slug=afval&category_id=102") == [2]


@pytest.mark.parametrize(
    "query",
    [
        "kategory_slug=x",
        "bbox=1,2,3,4",
        "ordering=colour",
        "id=",
        "created_after=",
        "area_type_code=",
        "feedback=",
        "punctuality=",
        "address_text=",
        "area_code=null",
        "area_type_code=null",
        "stadsdeel=null",
    ],
)
def test_what_is_not_known_filters_nothing(service, query):
    service.backend.create(PLACE, LIGHT)
    assert service.listed(query) == [1]


@pytest.mark.parametrize(
    "query",
    [
        *("id=x", "routing_department_code=XYZ", "priority=hoog", "kind=x", "created_before=x", "maincategory_slug=x"),
        *("area_code=zz", "stadsdeel=zz", "buurt_code=zz", "buurt_code=null", "area_type_code=zz", "id=nan"),
        *("feedback=x", "punctuality=x", "source=x", "type=x", "contact_details=x", "directing_department=x"),
        *("status=", "category_slug=", "maincategory_slug=", "category_id=", "area_code=", "buurt_code=", "stadsdeel="),
        *("source=", "priority=", "type=", "kind=", "contact_details=", "routing_department_code="),
        *("status=m&status=", "status=&status=m", "status=m&status=x", "stadsdeel=A&stadsdeel=zz"),
    ],
)
def test_unknown_values_are_refused(service, query):
    status, errors = service.ask(f"{LIST}?{query}")
    assert (status, list(errors)) == (400, [query.partition("=")[0]])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("id=3", [3]),
        ("id=1&id=3", [3]),
        ("source=online", [3, 2]),
        ("address_text=mark", [1]),
        ("reporter_email=A@example.org", [1]),
        ("contact_details=none", [3, 2]),
        ("contact_details=email", [1]),
        ("routing_department_code=null", [3, 1]),
        ("directing_department=null", [3, 2, 1]),
        ("stadsdeel=A", []),
        ("assigned_user_email=b@example.org", [3]),
        ("incident_date_after=2099-01-01", []),
    ],
)
def test_other_filters(service, query, found):
    backend = service.backend
    person = backend.create(PLACE, LIGHT, address={"openbare_ruimte": "Markt"}, source="app").reporter
    backend.find(1).reporter = type(person)(email="a@example.org")
    backend.create(PLACE, LIGHT, at=service.signalen.backend.now(), routing=("STL",))
    backend.create(PLACE, LIGHT, assigned_to="b@example.org")
    assert sorted(service.listed(query), reverse=True) == found


def test_department_user_gets_a_signal_once_for_every_routing(service):
    signal = service.backend.create(PLACE, LIGHT)
    service.backend.route(signal, ["VOR", "STL", "WAT"])
    assert service.listed(email="svc-afdeling@example.org") == [1, 1, 1]
    assert service.listed("status=m", email="svc-afdeling@example.org") == [1]
    assert service.listed() == [1]


def test_department_user_does_not_see_what_is_not_theirs(service):
    service.backend.create(PLACE, WASTE)
    assert service.listed(email="svc-afdeling@example.org") == []
    assert service.ask(f"{LIST}1", email="svc-afdeling@example.org")[0] == 404


def test_links_are_built_from_the_host_that_the_backend_saw(service):
    for _ in range(2):
        service.backend.create(PLACE, LIGHT)
    links = service.ask(f"{LIST}?page_size=1&created_after=2020-01-01T00:00:00%2B01:00")[1]["_links"]
    following = "?created_after=2020-01-01T00%3A00%3A00%2B01%3A00&page=2&page_size=1"
    assert links["next"]["href"] == f"http://s{LIST}{following}"


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "1.0"])
def test_a_page_that_is_not_there(service, page):
    assert service.ask(f"{LIST}?page={page}") == (404, {"detail": "Ongeldige pagina."})


def test_public_geography_is_half_an_hour_late(service):
    backend, clock = service.backend, service.clock

    def shown():
        return service.ask(f"{PUBLIC}geography?bbox=3,50,8,54", email=None)[1]["features"]

    signal = backend.create(PLACE, LIGHT)
    assert shown() is None
    clock.now += REFRESH_SECONDS
    assert len(shown()) == 1
    backend.set_status(signal, "o")
    assert len(shown()) == 1
    clock.now += REFRESH_SECONDS
    assert shown() is None


def test_public_geography_is_of_the_moment_of_its_refresh(service):
    signal = service.backend.create(PLACE, LIGHT)
    service.clock.now += REFRESH_SECONDS
    service.backend.set_status(signal, "o")
    _, body = service.ask(f"{PUBLIC}geography?lon={PLACE[0]}&lat={PLACE[1]}", email=None)
    assert len(body["features"]) == 1
    assert body["features"][0]["properties"].keys() == {"category", "created_at"}


@pytest.mark.parametrize("path", [LIST, f"{PUBLIC}geography?bbox=1,2,3,4", "/nowhere"])
def test_maintenance(service, path):
    service.backend.maintenance = True
    assert service.ask(path) == (503, "API in maintenance mode")
    assert service.ask("/status/health", email=None) == (200, "Connectivity OK")


@pytest.mark.parametrize(
    ("form", "basic", "status"),
    [
        ("grant_type=client_credentials", "proxy:s+1", 200),
        ("grant_type=client_credentials&client_id=proxy&client_secret=s+1", None, 200),
        ("grant_type=client_credentials", "proxy:wrong", 401),
        ("grant_type=password", "proxy:s+1", 400),
    ],
)
def test_token_endpoint(service, form, basic, status):
    _, discovery = service.ask("/realms/signals/.well-known/openid-configuration", email=None)
    headers = {"authorization": f"Basic {base64.b64encode(basic.encode()).decode()}"} if basic else {}
    path = discovery["token_endpoint"].removeprefix("http://s")
    got, token = service.ask(path, "POST", form.encode(), email=None, **headers)
    assert got == status
    if status == 200:
        assert service.ask(LIST, email=None, authorization=f"Bearer {token['access_token']}")[0] == 200
        service.clock.now += token["expires_in"]
        assert service.ask(LIST, email=None, authorization=f"Bearer {token['access_token']}")[0] == 401


@pytest.mark.parametrize("path", [LIST, f"{LIST}1", f"{LIST}geography"])
def test_options_are_described_to_who_is_logged_in(service, path):
    service.backend.create(PLACE, LIGHT)
    status, body = service.ask(path, "OPTIONS", email="geen-rechten@example.org")
    assert (status, list(body)) == (200, ["name", "description", "renders", "parses"])
    assert service.ask(path, "OPTIONS", email=None)[0] == 500
    assert service.ask(f"{PUBLIC}geography", "OPTIONS", email=None)[0] == 200


@pytest.mark.parametrize(
    ("method", "email", "status"),
    [
        ("PUT", "svc-assetproxy@example.org", 403),
        ("PUT", "geen-rechten@example.org", 403),
        ("PUT", MACHINE, 405),
        ("POST", "svc-assetproxy@example.org", 403),
        ("POST", MACHINE, 403),
    ],
)
def test_the_list_is_not_written_to(service, method, email, status):
    assert service.ask(LIST, method, REPORT, email=email)[0] == status
    assert service.ask(LIST, method, REPORT, email=None)[0] == 500
    assert service.listed() == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"bbox=3,50,8,54&category_slug={LIGHT}", 200),
        (f"bbox=3,50,8,54&category_slug={LIGHT}&category_slug={WASTE}", 200),
        (f"lat={PLACE[1]}&lon={PLACE[0]}&category_slug={LIGHT}", 200),
        ("bbox=3,50,8,54&maincategory_slug=afval", 200),
        ("bbox=3,50,8,54&category_slug=put-riolering-verstopt", 400),
        ("bbox=3,50,8,54&category_slug=", 400),
        ("bbox=a,b,c,d&category_slug=put-riolering-verstopt", 400),
        (f"bbox=a,b,c,d&category_slug={LIGHT}", 500),
        ("bbox=1,2,3", 500),
        ("lat=x&lon=6.5", 400),
        (f"category_slug={LIGHT}", 400),
    ],
)
def test_public_geography_takes_public_categories_only(service, query, status):
    assert service.ask(f"{PUBLIC}geography?{query}", email=None)[0] == status


def test_other_methods_and_paths_are_refused(service):
    assert service.ask(LIST, "DELETE")[0] == 405
    assert service.ask("/signals/v1/elsewhere")[0] == 404
