"""Route by route and role by role: who may ask, and what does not exist for whom.

The routes come from the application itself; one that the table below does not name fails the tests.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from sqlalchemy import insert
from starlette.testclient import TestClient

from service import access, identity
from service.app import create_app
from service.running import Running
from service.settings import Settings
from service.tables.happenings import placement_workers

OWN, FOREIGN = "BP3MI-NTT", "KDEI-TAIPEI"
"""Two offices with no placement in common: those from NTT go to Malaysia and Hong Kong, the others to Taiwan."""
OPEN, SIGNED_IN = "open to everybody", "whoever is signed in"


@dataclass(frozen=True)
class Asks:
    """What a route needs, whose object its address names, and what is sent where OpenAPI has no example."""

    permission: str
    object: str | None = None
    body: dict[str, Any] = field(default_factory=dict)


VISIT = {"outcome": "no_harm_found", "visited_on": "2026-01-10"}
WHY = {"reason_code": "lainnya", "note": "lihat catatan"}
ROUTES: dict[tuple[str, str], Asks] = {
    ("GET", "/openapi.json"): Asks(OPEN),
    ("GET", "/health/live"): Asks(OPEN),
    ("GET", "/health/ready"): Asks(OPEN),
    ("GET", "/metrics"): Asks(OPEN),
    ("POST", "/v1/sessions"): Asks(OPEN),
    ("GET", "/sign-in"): Asks(OPEN),
    ("POST", "/sign-in"): Asks(OPEN),
    ("GET", "/sign-in/provider"): Asks(OPEN),
    ("GET", "/sign-in/return"): Asks(OPEN),
    ("DELETE", "/v1/sessions/current"): Asks(SIGNED_IN),
    ("GET", "/v1/me"): Asks(SIGNED_IN),
    ("POST", "/v1/me/password"): Asks(SIGNED_IN),
    ("POST", "/sign-out"): Asks(SIGNED_IN),
    ("GET", "/account"): Asks(SIGNED_IN),
    ("POST", "/account/password"): Asks(SIGNED_IN),
    ("GET", "/v1/users"): Asks("people.manage"),
    ("POST", "/v1/users"): Asks("people.manage"),
    ("GET", "/v1/users/{user_id}"): Asks("people.manage"),
    ("PATCH", "/v1/users/{user_id}"): Asks("people.manage"),
    ("POST", "/v1/users/{user_id}/password"): Asks("people.manage"),
    ("GET", "/v1/keys"): Asks("people.manage"),
    ("POST", "/v1/keys"): Asks("people.manage"),
    ("DELETE", "/v1/keys/{key_id}"): Asks("people.manage"),
    ("POST", "/v1/scores"): Asks("scores.make"),
    ("POST", "/v1/scores/batch"): Asks("scores.make"),
    ("POST", "/v1/alternatives"): Asks("alternatives.make"),
    ("GET", "/v1/receipts/{receipt_id}"): Asks("receipts.read", "receipt"),
    ("POST", "/v1/receipts/verify"): Asks("receipts.read"),
    ("POST", "/v1/receipts/{receipt_id}/replay"): Asks("receipts.read", "receipt"),
    ("GET", "/v1/models"): Asks("models.read"),
    ("POST", "/v1/models/reload"): Asks("models.change"),
    ("POST", "/v1/models/rollback"): Asks("models.change"),
    ("POST", "/v1/models/switch-off"): Asks("models.change"),
    ("POST", "/v1/models/switch-on"): Asks("models.change"),
    ("PUT", "/v1/placements/{placement_id}"): Asks("placements.write"),
    ("GET", "/v1/placements/{placement_id}"): Asks("placements.read", "placement"),
    ("GET", "/v1/placements/{placement_id}/explanation"): Asks("placements.read", "placement"),
    ("POST", "/v1/placements/import"): Asks("placements.write"),
    ("POST", "/v1/events"): Asks("events.write"),
    ("GET", "/v1/changes"): Asks("changes.read"),
    ("POST", "/v1/priority-lists"): Asks("lists.make"),
    ("GET", "/v1/priority-lists"): Asks("lists.see"),
    ("GET", "/v1/priority-lists/{list_id}"): Asks("lists.see", "list"),
    ("POST", "/v1/priority-lists/{list_id}/issue"): Asks("lists.make", "list"),
    ("POST", "/v1/priority-lists/{list_id}/close"): Asks("lists.make", "list"),
    ("GET", "/v1/priority-lists/{list_id}/completion"): Asks("lists.read_design", "list"),
    ("GET", "/v1/priority-lists/{list_id}/rows/{rank}"): Asks("rows.work", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/assign"): Asks("rows.assign", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/accept"): Asks("rows.work", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/hand-over"): Asks("rows.work", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/defer"): Asks("rows.work", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/override"): Asks("rows.work", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/not-reached"): Asks("rows.work", "list"),
    ("POST", "/v1/priority-lists/{list_id}/rows/{rank}/undo"): Asks("rows.work", "list"),
    ("POST", "/v1/inspections"): Asks("visits.record"),
    ("GET", "/v1/inspections"): Asks("visits.record"),
    ("DELETE", "/v1/inspections/{inspection_id}"): Asks("visits.record", "inspection"),
    ("GET", "/v1/segments"): Asks("segments.read"),
    ("GET", "/v1/prevalence"): Asks("prevalence.read"),
    ("GET", "/v1/workers/{worker_ref}/record"): Asks("workers.read", "worker"),
    ("POST", "/v1/workers/{worker_ref}/corrections"): Asks("workers.write", "worker"),
    ("POST", "/v1/workers/{worker_ref}/objections"): Asks("workers.write", "worker"),
    ("POST", "/v1/workers/{worker_ref}/objections/{request_id}/decision"): Asks("workers.write", "worker"),
    ("DELETE", "/v1/workers/{worker_ref}"): Asks("workers.erase", "worker"),
    ("GET", "/"): Asks("lists.see"),
    ("GET", "/lists/{list_id}"): Asks("lists.see", "list"),
    ("POST", "/lists"): Asks("lists.make", body={"office": OWN, "capacity": "3", "unit": "placement"}),
    ("GET", "/worker.js"): Asks(OPEN),
    ("POST", "/lists/{list_id}/issue"): Asks("lists.make", "list"),
    ("GET", "/lists/{list_id}/print"): Asks("lists.see", "list"),
    ("GET", "/lists/{list_id}/close"): Asks("lists.make", "list"),
    ("POST", "/lists/{list_id}/close"): Asks("lists.make", "list"),
    ("GET", "/lists/{list_id}/rows/{rank}"): Asks("rows.work", "list"),
    ("POST", "/lists/{list_id}/rows/{rank}/visit"): Asks("visits.record", "list", body=VISIT),
    ("POST", "/lists/{list_id}/rows/{rank}/undo"): Asks("rows.work", "list"),
    ("POST", "/lists/{list_id}/rows/{rank}/accept"): Asks("rows.work", "list"),
    ("POST", "/lists/{list_id}/rows/{rank}/assign"): Asks("rows.assign", "list", body={"inspector": "nobody"}),
    ("POST", "/lists/{list_id}/rows/{rank}/defer"): Asks("rows.work", "list", body={"until": "2026-02-01", **WHY}),
    ("POST", "/lists/{list_id}/rows/{rank}/hand-over"): Asks("rows.work", "list", body={"office": OWN, **WHY}),
    ("POST", "/lists/{list_id}/rows/{rank}/override"): Asks("rows.work", "list", body={"direction": "up", **WHY}),
    ("GET", "/areas"): Asks("segments.read"),
    ("GET", "/areas/{area}"): Asks("segments.read", "area"),
    ("GET", "/segments"): Asks("segments.read"),
    ("GET", "/segments/hard-to-supervise"): Asks("segments.read"),
    ("GET", "/supervision"): Asks("supervision.read"),
    ("GET", "/supervision/rows"): Asks("supervision.read"),
    ("GET", "/releases"): Asks("models.read"),
    ("POST", "/releases/roll-back"): Asks("models.change"),
    ("POST", "/releases/switch-off"): Asks("models.change"),
    ("POST", "/releases/switch-on"): Asks("models.change"),
    ("GET", "/drift"): Asks("models.read"),
    ("GET", "/people"): Asks("people.manage"),
    ("POST", "/people/users"): Asks("people.manage", body={"login": "page.user", "role": "analyst"}),
    ("POST", "/people/users/{user_id}"): Asks("people.manage", body={"role": "analyst", "version": "1"}),
    ("POST", "/people/users/{user_id}/password"): Asks("people.manage"),
    ("POST", "/people/keys"): Asks("people.manage", body={"owner": "SISTEM", "role": "placement_system", "days": "9"}),
    ("POST", "/people/keys/{key_id}/revoke"): Asks("people.manage"),
    ("GET", "/audit"): Asks("audit.read"),
}
NAMES = [pytest.param(route, id=" ".join(route)) for route in ROUTES]
GUARDED = [pytest.param(route, id=" ".join(route)) for route, asks in ROUTES.items() if asks.permission != OPEN]
NEEDING = [
    pytest.param(route, id=" ".join(route))
    for route, asks in ROUTES.items()
    if asks.permission not in (OPEN, SIGNED_IN)
]
OF_OFFICES = [pytest.param(route, id=" ".join(route)) for route, asks in ROUTES.items() if asks.object]
OFFICE_STAFF = ("inspector", "supervisor")


def permitted(routes: list[Any], roles: tuple[str, ...]) -> list[Any]:
    """Each route with each of the roles that may ask it."""
    return [
        pytest.param(*route.values, role, id=f"{route.id} by {role}")
        for route in routes
        for role in roles
        if role in access.PERMISSIONS.get(ROUTES[route.values[0]].permission, ())
    ]


READS = [
    pytest.param(route, id=" ".join(route))
    for route, asks in ROUTES.items()
    if route[0] == "GET"
    and "{" not in route[1]
    and asks.permission not in (OPEN, SIGNED_IN, "people.manage", "audit.read")
]
MISSING = {
    "list": {"list_id": "20260101-nobody", "rank": "1"},
    "placement": {"placement_id": "nobody"},
    "worker": {"worker_ref": "nobody", "request_id": "nobody"},
    "inspection": {"inspection_id": "nobody"},
    "area": {"area": "99.99"},
    "receipt": {"receipt_id": "nobody"},
    None: {"user_id": "nobody", "key_id": "nobody", "placement_id": "nobody"},
}


def permissions(dependant: Dependant) -> Iterator[str]:
    """What the dependencies of a route ask for."""
    for one in dependant.dependencies:
        if hasattr(one.call, "permission"):
            yield one.call.permission
        elif one.call is identity._caller:
            yield SIGNED_IN
        yield from permissions(one)


@pytest.fixture(scope="module")
def found(make_settings: Callable[..., Settings]) -> dict[tuple[str, str], set[str]]:
    """The routes of the application, each with what it asks for."""
    app = create_app(Running(make_settings("sqlite://")))
    return {
        (method, route.path): set(permissions(route.dependant)) if hasattr(route, "dependant") else set()
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    }


def test_every_route_of_the_application_is_in_the_table(found: dict[tuple[str, str], set[str]]) -> None:
    assert set(found) == set(ROUTES)


@pytest.mark.parametrize("route", NAMES)
def test_a_route_asks_for_what_the_table_says(found: dict[tuple[str, str], set[str]], route: tuple[str, str]) -> None:
    wanted = ROUTES[route].permission
    asked = found[route]
    if wanted == OPEN:
        assert asked == set()
    elif wanted == SIGNED_IN:
        assert asked == {SIGNED_IN}
    else:
        assert asked == {SIGNED_IN, wanted}


class World:
    """A service with an issued list of each of two offices, a visit, and two workers; and somebody of every role."""

    def __init__(self, running: Running, client_of: Callable[..., TestClient]) -> None:
        """Make the lists."""
        self.running, self.client_of = running, client_of
        self.clients = {role: client_of(running, role, self.office(role, OWN)) for role in access.ROLES}
        self.nobody = client_of(running)
        self.nobody.headers.pop("Authorization")
        self.openapi = self.nobody.get("/openapi.json").json()
        self.own = {**self._objects(OWN, "0000", "own"), "area": {"area": "53.21"}}
        self.foreign = {**self._objects(FOREIGN, "0002", "foreign"), "area": {"area": "35.07"}}

    @staticmethod
    def office(role: str, office: str) -> str | None:
        """The office that somebody of this role has."""
        return office if role in access.OFFICE_ROLES else None

    def _objects(self, office: str, placement: str, name: str) -> dict[str | None, dict[str, str]]:
        national = self.clients["national"]
        made = national.post("/v1/priority-lists", json={"capacity": 4, "office": office, "seed": 1})
        assert made.status_code == 201, made.text
        issued = national.post(f"/v1/priority-lists/{made.json()['list_id']}/issue", headers=version(made.json()))
        assert issued.status_code == 200, issued.text
        with self.running.engine.begin() as connection:
            connection.execute(insert(placement_workers), {"placement_id": placement, "worker_ref": f"worker-{name}"})
        visitor = self.client_of(self.running, "inspector", office)
        visit = {"list_id": made.json()["list_id"], "rank": 2, "outcome": "no_harm_found", "severity": 0}
        recorded = visitor.post("/v1/inspections", json={**visit, "visited_at": "2026-01-10T02:00:00Z"})
        assert recorded.status_code == 201, recorded.text
        return {
            "list": {"list_id": made.json()["list_id"], "rank": "1"},
            "placement": {"placement_id": placement},
            "worker": {"worker_ref": f"worker-{name}", "request_id": "nobody", "placement_id": placement},
            "inspection": {"inspection_id": recorded.json()["inspection_id"]},
            "receipt": {"receipt_id": self._receipt(visitor, placement)},
        }

    def _receipt(self, client: TestClient, placement: str) -> str:
        draft = {"placement_id": placement, "destination": "MYS", "sector": "domestic", "employer_type": "household"}
        scored = client.post("/v1/scores", json={**draft, "scheme": "P_TO_P"})
        assert scored.status_code == 200, scored.text
        return str(scored.json()["receipt"]["receipt_id"])

    def ask(self, client: TestClient, route: tuple[str, str], named: dict[str, str]) -> Any:
        """Send one request about the object that `named` gives the address of."""
        method, path = route
        body = self._body(route, named)
        headers = {"If-Match": '"1"'}
        if isinstance(body, bytes):
            headers["Content-Type"] = self._content(route)[0]
        sent = {} if body is None else {"data": body} if ROUTES[route].body else {"content": body}
        return client.request(method, path.format(**named), headers=headers, follow_redirects=False, **sent)

    def _content(self, route: tuple[str, str]) -> tuple[str, dict[str, Any]]:
        """The first kind of JSON that OpenAPI says a route takes."""
        described = self.openapi["paths"].get(route[1], {}).get(route[0].lower(), {})
        kinds = described.get("requestBody", {}).get("content", {})
        return next(((kind, content) for kind, content in kinds.items() if "json" in kind), ("", {}))

    def _body(self, route: tuple[str, str], named: dict[str, str]) -> Any:
        """What is sent: the example of OpenAPI, about the placement that is named."""
        if ROUTES[route].body:
            return ROUTES[route].body
        content = self._content(route)[1]
        if not content:
            return None
        schema = content["schema"]
        if "$ref" in schema:
            schema = self.openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        example = content.get("example", content.get("examples", schema.get("examples")))
        example = example[0] if isinstance(example, list) else example
        if isinstance(example, dict) and "placement_id" in example and "placement_id" in named:
            example = {**example, "placement_id": named["placement_id"]}
        return json.dumps(example).encode()


def version(answer: dict[str, Any]) -> dict[str, str]:
    """The header by which a change names what it saw."""
    return {"If-Match": f'"{answer["version"]}"'}


@pytest.fixture(scope="module")
def world(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> Iterator[World]:
    running = Running(make_settings(databases.new(copy_of=filled)))
    yield World(running, client_of)
    running.close()


FOREIGN_PLACEMENTS = re.compile(r'["\'>;](00(?:02|05|08|11|14|17|20|23|26|29|32|35|38|41|44|47|50|53|56|59))["\'<;]')


@pytest.mark.parametrize(("route", "role"), permitted(READS, OFFICE_STAFF))
def test_what_an_office_reads_names_nothing_of_another(world: World, route: tuple[str, str], role: str) -> None:
    national = world.ask(world.clients["national"], route, {})
    for query in ("", f"?office={FOREIGN}"):
        answer = world.clients[role].get(route[1] + query)
        assert world.foreign["list"]["list_id"] not in answer.text
        assert world.foreign["inspection"]["inspection_id"] not in answer.text
        assert FOREIGN_PLACEMENTS.findall(answer.text) == []
    assert national.status_code == 200, "the comparison would be empty"


def test_a_list_of_another_office_marks_no_place_to_continue_from(world: World) -> None:
    lists = "/v1/priority-lists"
    for office, other in ((OWN, world.foreign), (FOREIGN, world.own)):  # one of the two lists comes after the other
        client = world.client_of(world.running, "inspector", office)
        pages = [
            client.get(lists, params={"after": after}).json() for after in (other["list"]["list_id"], "20260101-nobody")
        ]
        assert pages[0] == pages[1]
        assert client.get(lists).json()["lists"], "there would be something to continue with"


def test_the_comparison_finds_what_it_looks_for(world: World) -> None:
    seen = world.clients["national"].get(f"/v1/priority-lists/{world.foreign['list']['list_id']}").text
    assert FOREIGN_PLACEMENTS.findall(seen)
    assert world.foreign["list"]["list_id"] in world.clients["national"].get("/v1/priority-lists").text


@pytest.mark.parametrize(("route", "role"), permitted(OF_OFFICES, (*OFFICE_STAFF, "placement_system")))
def test_what_belongs_to_another_office_does_not_exist(world: World, route: tuple[str, str], role: str) -> None:
    kind = ROUTES[route].object
    foreign, missing = world.foreign[kind], {**world.foreign[kind], **MISSING[kind]}
    answer, nothing = (world.ask(world.clients[role], route, named) for named in (foreign, missing))
    assert (answer.status_code, nothing.status_code) == (404, 404), answer.text
    assert unnamed(answer.text, foreign) == unnamed(nothing.text, missing), "the answer itself would tell"


def unnamed(text: str, named: dict[str, str]) -> str:
    for value in sorted(named.values(), key=len, reverse=True):
        text = text.replace(value, "…") if len(value) > 1 else text
    return text


@pytest.mark.parametrize(
    ("route", "role"),
    permitted([one for one in OF_OFFICES if one.values[0][0] == "GET"], (*OFFICE_STAFF, "national")),
)
def test_what_belongs_to_the_own_office_is_read(world: World, route: tuple[str, str], role: str) -> None:
    answer = world.ask(world.clients[role], route, world.own[ROUTES[route].object])
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("route", GUARDED)
def test_nobody_is_answered_without_signing_in(world: World, route: tuple[str, str]) -> None:
    asks = ROUTES[route]
    answer = world.ask(world.nobody, route, world.own.get(asks.object, MISSING[None]))
    if route[1].startswith("/v1/"):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize("route", NEEDING)
def test_a_role_is_answered_exactly_where_it_has_the_permission(world: World, route: tuple[str, str]) -> None:
    asks = ROUTES[route]
    for role, client in world.clients.items():
        if role in access.PERMISSIONS[asks.permission]:
            answer = world.ask(client, route, MISSING[asks.object])  # nothing is there, so nothing changes
            assert answer.status_code not in (401, 403, 500), f"{role}: {answer.text}"
        else:
            answer = world.ask(client, route, world.own.get(asks.object, MISSING[None]))
            assert answer.status_code == 403, f"{role}: {answer.status_code} {answer.text}"


IDENTITIES = re.compile(r'["\'>;](00[0-6]\d|P3MI-[AB]|E[0-6])["\'<;]|worker-(own|foreign)')


@pytest.mark.parametrize(
    ("route", "role"), permitted([one for one in NAMES if one.values[0][0] == "GET"], ("analyst",))
)
def test_an_analyst_reads_nothing_that_leads_to_a_person(world: World, route: tuple[str, str], role: str) -> None:
    asks = ROUTES[route]
    for named in (world.own, world.foreign):
        path = route[1].format(**named.get(asks.object, {}))
        for query in ("", "?fields=design", "?format=csv", "?format=xlsx"):
            answer = world.clients[role].get(path + query)
            assert IDENTITIES.search(answer.text) is None
        assert world.clients[role].get(path).status_code == 200


def test_an_analyst_gets_the_design_and_an_inspector_does_not(world: World) -> None:
    path = f"/v1/priority-lists/{world.own['list']['list_id']}?fields=design"
    rows = world.clients["analyst"].get(path).json()["rows"]
    assert {"arm", "inclusion_probability"} <= set(rows[0])
    assert {row[name] for row in rows for name in identity.IDENTITIES} == {None}
    for role in ("inspector", "supervisor"):
        assert world.clients[role].get(path).status_code == 403


def test_a_list_of_the_whole_register_is_for_those_who_see_it(world: World) -> None:
    wanted = {"capacity": 3, "office": None, "seed": 9}
    refused = world.clients["supervisor"].post("/v1/priority-lists", json=wanted)
    assert refused.status_code == 403
    made = world.clients["national"].post("/v1/priority-lists", json=wanted)
    assert made.status_code == 201
    path = f"/v1/priority-lists/{made.json()['list_id']}"
    assert [world.clients[role].get(path).status_code for role in ("inspector", "supervisor")] == [404, 404]
    assert world.clients["analyst"].get(path).status_code == 200


def test_a_list_for_another_office_is_refused_like_one_for_an_office_that_is_not_there(world: World) -> None:
    answers = [
        world.clients["supervisor"].post("/v1/priority-lists", json={"capacity": 3, "office": office})
        for office in (FOREIGN, "KDEI-TAIPEX")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text.replace(FOREIGN, "…") == answers[1].text.replace("KDEI-TAIPEX", "…")


def test_rows_handed_over_are_all_that_the_other_office_gets_of_a_list(world: World) -> None:
    labour_office = next(code for code, office in world.running.offices.items() if office.kind == "disnaker")
    other, own = (world.client_of(world.running, "inspector", office) for office in (labour_office, OWN))
    list_id = world.own["list"]["list_id"]
    row = f"/v1/priority-lists/{list_id}/rows/3"
    assert [other.get(path).status_code for path in (row, f"/lists/{list_id}")] == [404, 404]
    handed = own.post(
        f"{row}/hand-over",
        json={"office": labour_office, "reason_code": "bukan_wewenang"},
        headers={"If-Match": own.get(row).headers["etag"]},
    )
    assert handed.status_code == 200, handed.text
    assert other.get(f"/lists/{list_id}").text.count('class="rank">') == 2, "the heading and one row"
    assert [shown["rank"] for shown in other.get(f"/v1/priority-lists/{list_id}").json()["rows"]] == [3]
    first = other.get("/").text
    assert f'href="/lists/{list_id}"' in first
    assert 'class="rank">' not in first, "the page opens with the own office, which has no list"


def test_pages_offer_only_the_offices_that_the_reader_sees(world: World) -> None:
    offered = {
        role: set(re.findall(r'<option value="([^"]*)"', world.clients[role].get("/").text))
        for role in ("inspector", "supervisor", "national")
    }
    assert FOREIGN not in offered["inspector"] | offered["supervisor"]
    assert OWN in offered["inspector"]
    assert {FOREIGN, OWN, ""} <= offered["national"]
    assert world.clients["inspector"].get(f"/?office={FOREIGN}").status_code == 404


def test_a_supervisor_sees_the_offices_within_the_own_areas_and_an_inspector_does_not(world: World) -> None:
    inside = next(
        code
        for code, office in world.running.offices.items()
        if office.areas and code != OWN and all(area.startswith("53.") for area in office.areas)
    )
    made = world.clients["national"].post("/v1/priority-lists", json={"capacity": 1, "office": inside, "seed": 2})
    assert made.status_code == 201, made.text
    path = f"/v1/priority-lists/{made.json()['list_id']}"
    assert world.clients["supervisor"].get(path).status_code == 200
    assert world.clients["inspector"].get(path).status_code == 404


def test_what_is_refused_is_said_as_a_page_to_a_reader_and_as_data_to_a_program(world: World) -> None:
    page = world.clients["admin"].get("/")
    assert page.status_code == 403
    assert "Tidak berwenang" in page.text
    assert page.headers["content-type"].startswith("text/html")
    told = world.clients["admin"].get("/v1/priority-lists")
    assert json.loads(told.text)["type"].endswith("not_allowed")
