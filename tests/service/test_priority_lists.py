"""Lists are drawn, stored with their design, and shown without it."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from service.list_sheets import XLSX_TYPE, list_csv, list_xlsx
from service.payloads.answers import PriorityList
from service.running import Running
from service.settings import Settings
from service.tables import lists as tables
from service.tables.register import mandatory_cases

ClientOf = Callable[[Running], TestClient]
BP3MI = {"capacity": 8, "office": "BP3MI-NTT", "seed": 5}


def make(client: TestClient, **wanted: object) -> dict:
    answer = client.post("/v1/priority-lists", json=wanted or BP3MI)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_list_is_made_found_again_and_named_among_the_lists(own_client: TestClient) -> None:
    answer = own_client.post("/v1/priority-lists", json=BP3MI)
    again = own_client.get(answer.headers["Location"])
    assert again.json() == answer.json()
    named = own_client.get("/v1/priority-lists?office=BP3MI-NTT").json()["lists"]
    assert [head["list_id"] for head in named] == [answer.json()["list_id"]]
    assert own_client.get("/v1/priority-lists?office=LTSA-NTT").json()["lists"] == []


def test_an_office_gets_the_placements_it_sees_and_may_act_on(own_client: TestClient) -> None:
    made = make(own_client, capacity=100, office="BP3MI-NTT")
    rows = made["rows"]
    assert {row["origin"][:2] for row in rows} == {"53"}
    assert {row["stage"] for row in rows} == {"before"}
    assert all("bp3mi" in [body["code"] for body in row["bodies"]] for row in rows)
    assert len(rows) == made["eligible"] == 20
    assert "21 placements" in {notice["code"]: notice["text_en"] for notice in made["notices"]}["for_other_bodies"]
    mission = make(own_client, capacity=100, office="KJRI-HONG-KONG")["rows"]
    assert {(row["destination"], row["stage"]) for row in mission} == {("HKG", "during")}
    assert len(mission) == 10
    province = make(own_client, capacity=100, office="NAKERTRANS-NTT")["rows"]
    assert len(province) == 41, "who supervises may act at every stage"


def test_a_grave_complaint_abroad_is_told_to_the_office_at_home_and_mandatory_for_the_mission(
    own_client: TestClient, running: Running
) -> None:
    with running.engine.begin() as connection:
        connection.execute(update(mandatory_cases).values(placement_id="0010"))
    home = {notice["code"]: notice["text_en"] for notice in make(own_client)["notices"]}
    assert "1 of them have a grave complaint" in home["for_other_bodies"]
    mission = make(own_client, capacity=3, office="KJRI-HONG-KONG", seed=1)["rows"]
    assert (mission[0]["placement_id"], mission[0]["grave_complaint"]) == ("0010", "perdagangan_orang")


def test_without_a_capacity_the_office_s_plan_counts(own_client: TestClient) -> None:
    planned = make(own_client, office="BP3MI-NTT", seed=3)
    assert planned["capacity"] == 40
    answer = own_client.post("/v1/priority-lists", json={"seed": 3})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/capacity"


def test_every_eligible_placement_has_a_stored_probability_above_zero(own_client: TestClient, running: Running) -> None:
    made = make(own_client, capacity=6, seed=1)
    of_list = tables.list_probabilities.c.list_id == made["list_id"]
    with running.engine.connect() as connection:
        count, least, total = connection.execute(
            select(
                func.count(),
                func.min(tables.list_probabilities.c.inclusion_probability),
                func.sum(tables.list_probabilities.c.inclusion_probability),
            ).where(of_list)
        ).one()
    assert count == made["eligible"] == 61
    assert least > 0
    assert total == pytest.approx(len(made["rows"]))


def test_inspectors_see_no_arm_and_those_who_estimate_do(own_client: TestClient) -> None:
    made = make(own_client)
    assert not {"arm", "inclusion_probability"} & set(made["rows"][0])
    assert "seed" not in made
    design = own_client.get(f"/v1/priority-lists/{made['list_id']}?fields=design").json()
    assert {row["arm"] for row in design["rows"]} <= {"mandatory", "risk", "coverage", "random"}
    assert all(0 < row["inclusion_probability"] <= 1 for row in design["rows"])
    assert design["seed"] == 5


def test_the_same_wish_gives_the_same_list_once(own_client: TestClient) -> None:
    assert make(own_client) == make(own_client)
    assert len(own_client.get("/v1/priority-lists").json()["lists"]) == 1


def test_a_grave_complaint_puts_a_placement_first_and_says_so(own_client: TestClient) -> None:
    first = make(own_client, capacity=3, seed=2)["rows"][0]
    assert (first["placement_id"], first["grave_complaint"]) == ("0007", "perdagangan_orang")


def test_rows_say_who_can_act_and_why_they_are_there(own_client: TestClient) -> None:
    rows = {row["placement_id"]: row for row in make(own_client, capacity=61, seed=2)["rows"]}
    assert rows["0000"]["stage"] == "during"
    assert [body["code"] for body in rows["0000"]["bodies"]] == ["mission"]
    assert [body["code"] for body in rows["0001"]["bodies"]] == ["bp3mi", "disnaker", "village"]
    assert rows["0000"]["reasons"][0]["text_en"].startswith("Destination: Malaysia")
    assert rows["0060"]["supported"] is False
    assert rows["0060"]["risk"] is None


@pytest.mark.parametrize(("unit", "units"), [("agency", 2), ("employer", 7), ("area", 3)])
def test_visits_may_go_to_other_units(own_client: TestClient, unit: str, units: int) -> None:
    made = make(own_client, capacity=50, unit=unit, seed=3)
    assert len(made["rows"]) == units
    assert all(row["placement_id"] is None and row["placements"] > 1 and row["reasons"] for row in made["rows"])


def test_notices_say_what_the_register_cannot_see_and_that_data_are_simulated(own_client: TestClient) -> None:
    codes = [notice["code"] for notice in make(own_client)["notices"]]
    assert {"simulated", "register_blind_spot"} <= set(codes)


def test_whom_a_visit_reached_lately_rests_and_the_list_says_so(own_client: TestClient) -> None:
    made, agencies = (make(own_client, capacity=2, unit=unit, seed=5) for unit in ("placement", "agency"))
    told = {notice["code"]: notice["text_en"] for notice in made["notices"]}
    assert told["at_rest"].startswith("Placements at rest, visited in the last 90 days: 1.")
    assert "at_rest" not in [notice["code"] for notice in agencies["notices"]]


def test_the_design_says_what_each_arm_and_rule_costs(own_client: TestClient) -> None:
    made = make(own_client)
    prices = own_client.get(f"/v1/priority-lists/{made['list_id']}?fields=design").json()["price"]
    assert [(price["arm"], price["part_of"]) for price in prices] == [
        ("mandatory", None),
        ("coverage", None),
        ("random", None),
        ("minimum coverage", "coverage"),
        ("corridor limit", "coverage and random"),
    ]


def test_lists_continue_where_a_page_ended(own_client: TestClient) -> None:
    made = {make(own_client, capacity=2, seed=seed)["list_id"] for seed in range(5)}
    seen, after = [], ""
    while after is not None:
        page = own_client.get("/v1/priority-lists", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [head["list_id"] for head in page["lists"]]
        after = page["next"]
    assert len(seen) == len(made)
    assert set(seen) == made


@pytest.mark.parametrize(
    ("wanted", "pointer", "said"),
    [
        ({"capacity": 0}, "#/capacity", "must be 1 or more"),
        ({"capacity": 5, "office": "BP3MI-NTB"}, "#/office", "did you mean 'BP3MI-NTT'?"),
        ({"capacity": 5, "unit": "person"}, "#/unit", "must be one of"),
        ({"capacity": 5, "seed": -1}, "#/seed", "must be 0 or more"),
    ],
)
def test_a_wish_that_cannot_be_met_says_why(
    client: TestClient, wanted: dict[str, object], pointer: str, said: str
) -> None:
    error = client.post("/v1/priority-lists", json=wanted).json()["errors"][0]
    assert error["pointer"] == pointer
    assert said in error["detail"]


def test_before_any_import_the_repair_is_named(empty: Running, client_of: ClientOf) -> None:
    answer = client_of(empty).post("/v1/priority-lists", json={"capacity": 5})
    assert answer.status_code == 409
    assert "risk-service import" in answer.json()["detail"]


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def read_xlsx(content: bytes) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


@pytest.mark.parametrize(("form", "read"), [("csv", read_csv), ("xlsx", read_xlsx)])
def test_the_spreadsheet_has_the_rows_of_the_list_with_where_they_come_from(
    own_client: TestClient, form: str, read: Callable[[bytes], list[dict[str, Any]]]
) -> None:
    made = make(own_client)
    rows = read(own_client.get(f"/v1/priority-lists/{made['list_id']}?format={form}").content)
    same = ("rank", "trip", "placement_id", "agency_id", "status", "band")
    assert [[str(row[name]) for name in same] for row in sorted(rows, key=lambda row: int(row["rank"]))] == [
        [str(row[name]) for name in same] for row in made["rows"]
    ]
    assert all(len(row["placement_id"]) == 4 for row in rows), "leading zeros stay"
    assert {(row["list_id"], row["model_version"], row["data_origin"]) for row in rows} == {
        (made["list_id"], "placement-risk-1", "simulated")
    }
    assert "arm" not in rows[0]
    assert rows[0]["destination"] in ("Malaysia", "Hong Kong", "Taiwan")
    assert rows[0]["place"].endswith("East Nusa Tenggara")


def test_a_spreadsheet_comes_by_accept_as_well(own_client: TestClient) -> None:
    address = f"/v1/priority-lists/{make(own_client)['list_id']}"
    text = own_client.get(address, headers={"Accept": "text/csv"})
    assert text.content.startswith(b"\xef\xbb\xbf")
    book = own_client.get(address, headers={"Accept": XLSX_TYPE})
    assert len(read_xlsx(book.content)) == len(read_csv(text.content))


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_of_the_spreadsheet_runs_as_a_formula(own_client: TestClient, start: str) -> None:
    made = PriorityList.model_validate(make(own_client))
    poisoned = made.model_copy(update={"rows": (made.rows[0].model_copy(update={"agency_id": start}),)})
    assert read_csv(list_csv(poisoned, "id").encode("utf-8"))[0]["agency_id"] == f"'{start}"
    sheet = openpyxl.load_workbook(io.BytesIO(list_xlsx(poisoned, "id"))).worksheets[0]
    cell = next(cell for cell in sheet[2] if cell.value == start)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_a_link_leads_into_the_source_system(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: ClientOf
) -> None:
    link = "https://siskop2mi.example/kasus/{placement_id}?x=1"
    running = Running(make_settings(databases.new(copy_of=filled), source_link=link))
    rows = make(client_of(running), capacity=2, office="BP3MI-NTT", seed=1)["rows"]
    running.close()
    assert rows[0]["source_link"] == f"https://siskop2mi.example/kasus/{rows[0]['placement_id']}?x=1"


def test_a_new_release_scores_the_register_anew_before_a_list_is_drawn(
    databases: Any, filled: str, make_settings: Callable[..., Settings], client_of: ClientOf, tmp_path: Path
) -> None:
    running = Running(make_settings(databases.new(copy_of=filled), model_dir=tmp_path))
    made = make(client_of(running), capacity=4, office="BP3MI-NTT", seed=1)
    running.close()
    assert (made["model_version"], made["model_kind"]) == ("published_rule", "published_rule")
    assert made["rows"][0]["reasons"][0]["feature"] in ("destination", "sector")
