"""Events, registrations, uploads and changed bands through the API, on both databases."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.payloads.events import BATCH, EXAMPLE
from service.payloads.examples import PLACEMENT
from service.running import Running
from service.tables import happenings, keeping

ClientAs = Callable[..., TestClient]
BATCHED = {"Content-Type": "application/cloudevents-batch+json"}
NOT_VERIFIED = "counts only from a key with the scope verify"


def event(kind: str, subject: str | None, event_id: str = "1", **data: Any) -> dict[str, Any]:
    told = {"specversion": "1.0", "id": event_id, "source": "/test", "type": kind, "time": "2026-01-05T10:00:00+07:00"}
    return {**told, **({"subject": subject} if subject else {}), "data": {"data_origin": "simulated", **data}}


@pytest.fixture
def sisko(client_as: ClientAs) -> TestClient:
    """A placement system that may not verify."""
    return client_as("placement_system", owner="siskop2mi")


@pytest.fixture
def verifier(client_as: ClientAs) -> TestClient:
    """The same system with the scope to verify."""
    return client_as("placement_system", owner="siskop2mi", scopes=("verify",))


@pytest.fixture
def staff(client_as: ClientAs) -> TestClient:
    """Somebody of the ministry."""
    return client_as("national")


def pointers(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {fault["pointer"]: fault["detail"] for fault in answer.json()["errors"]}


@pytest.mark.parametrize("media_type", ["application/cloudevents+json", "application/json"])
def test_one_event_is_taken_once(sisko: TestClient, media_type: str) -> None:
    told = json.dumps(event("complaint", "0005", category="gaji_tidak_dibayar"))
    answers = [sisko.post("/v1/events", content=told, headers={"Content-Type": media_type}) for _ in range(2)]
    assert [answer.json() for answer in answers] == [
        {"accepted": 1, "repeated": 0, "waiting": 0},
        {"accepted": 0, "repeated": 1, "waiting": 0},
    ]


def test_an_array_is_taken_whole_and_says_what_waits(sisko: TestClient) -> None:
    assert sisko.post("/v1/events", json=BATCH).status_code == 422  # they lie in the future of these tests
    told = [event("complaint", "0005"), event("departure", "N-1", "2"), event("departure", "N-1", "2")]
    answer = sisko.post("/v1/events", content=json.dumps(told), headers=BATCHED)
    assert answer.json() == {"accepted": 2, "repeated": 1, "waiting": 1}


def test_the_score_follows_before_the_answer_is_there(sisko: TestClient, staff: TestClient) -> None:
    before = staff.get("/v1/placements/0005").json()["score"]
    sisko.post("/v1/events", json=event("id.siskop2mi.complaint", "0005", category="gaji_tidak_dibayar"))
    after = staff.get("/v1/placements/0005").json()["score"]
    assert after["risk"] > before["risk"]
    assert after["as_of"] == "2026-01-06T00:00:00Z"


@pytest.mark.parametrize(
    ("told", "pointer", "says"),
    [
        (event("complain", "0005"), "#", "did you mean 'complaint'?"),
        (event("complaint", None), "#", "must name a placement (subject) or an area"),
        (event("status_change", "0005"), "#", "needs data: status"),
        (event("certificate_verified", "0005"), "#", "needs data: certification_level"),
        (event("employer_change", "0005"), "#", "needs data: employer_ref, employer_type, position"),
        (event("complaint", "0005", category="gaji"), "#/data/category", "not a known code"),
        (event("death", None, area="99"), "#/data/area", "not a known code"),
        (event("complaint", "0005", note="call Ny. Rambu"), "#/data/note", "not a known field"),
        ({**event("complaint", "0005"), "time": "2026-01-05"}, "#/time", "like 2026-03-31T08:00:00Z"),
        ({**event("complaint", "0005"), "time": "2027-01-05T00:00:00Z"}, "#/time", "lies in the future"),
        ({**event("complaint", "0005"), "specversion": "0.3"}, "#/specversion", "must be one of '1.0'"),
        ({"id": "1"}, "#/specversion", "is required"),
        (event("certificate_verified", "0005", certification_level=3), "#/type", NOT_VERIFIED),
    ],
)
def test_an_event_at_fault_is_refused_with_its_repair(
    sisko: TestClient, told: dict[str, Any], pointer: str, says: str
) -> None:
    assert says in pointers(sisko.post("/v1/events", json=told))[pointer]


def test_one_event_at_fault_stops_its_whole_array(sisko: TestClient, running: Running) -> None:
    told = [event("complaint", "0005"), event("complaint", "0006", "2", category="gaji")]
    assert "not a known code" in pointers(sisko.post("/v1/events", json=told))["#/1/data/category"]
    with running.engine.connect() as connection:
        assert not connection.execute(select(happenings.events).where(happenings.events.c.import_id.is_(None))).all()


def test_what_is_no_json_is_said_to_be_none(sisko: TestClient) -> None:
    answer = sisko.post("/v1/events", content=b"[{", headers=BATCHED)
    assert "is not valid JSON" in pointers(answer)["#"]


def test_events_are_not_taken_from_inspectors(client_as: ClientAs) -> None:
    inspector = client_as("inspector", "BP3MI-NTT")
    assert inspector.post("/v1/events", json=EXAMPLE).status_code == 403


def test_a_placement_is_registered_read_and_corrected(sisko: TestClient, staff: TestClient) -> None:
    address, body = "/v1/placements/CONTOH-0017", PLACEMENT | {"departed_on": "2026-01-06"}
    first = sisko.put(address, json=body)
    assert first.status_code == 201
    assert sisko.put(address, json=body).status_code == 200
    assert sisko.get(address).json() == first.json() == staff.get(address).json()
    assert first.json()["score"]["stage"] == "during"
    corrected = sisko.put(address, json=body | {"departed_on": None})
    assert (corrected.status_code, corrected.json()["score"]["stage"]) == (200, "before")


def test_a_placement_is_seen_by_who_registered_it_and_by_its_offices(sisko: TestClient, client_as: ClientAs) -> None:
    address = "/v1/placements/CONTOH-0017"
    sisko.put(address, json=PLACEMENT)
    other = client_as("placement_system", owner="other")
    assert [other.get(address).status_code, other.put(address, json=PLACEMENT).status_code] == [404, 404]
    assert other.get("/v1/placements/0005").status_code == 404  # an import brought it
    seen = {office: client_as("inspector", office).get(address).status_code for office in ("BP3MI-NTT", "KDEI-TAIPEI")}
    assert seen == {"BP3MI-NTT": 200, "KDEI-TAIPEI": 404}
    assert "There is no placement" in other.get(address).json()["detail"]


def test_what_a_registration_says_wrongly_is_named(sisko: TestClient) -> None:
    body = {**PLACEMENT, "certification_verified": True, "placement_id": "OTHER"}
    found = pointers(sisko.put("/v1/placements/CONTOH-0017", json=body))
    assert found["#/placement_id"] == "placement_id must be the number in the address, 'CONTOH-0017'"
    assert NOT_VERIFIED in found["#/certification_verified"]
    without = {name: value for name, value in PLACEMENT.items() if name != "origin"}
    assert "is required" in pointers(sisko.put("/v1/placements/CONTOH-0017", json=without))["#/origin"]


def certified(sisko: TestClient) -> float:
    body = PLACEMENT | {"certification_level": 6, "certification_verified": None, "agency_id": None}
    return float(sisko.put("/v1/placements/CONTOH-0017", json=body).json()["score"]["risk"])


def test_a_certificate_counts_once_a_key_with_the_scope_says_so(sisko: TestClient, verifier: TestClient) -> None:
    before = certified(sisko)
    body = PLACEMENT | {"certification_level": 6, "certification_verified": True, "agency_id": None}
    assert verifier.put("/v1/placements/CONTOH-0017", json=body).json()["score"]["risk"] < before


def test_a_certificate_counts_once_an_event_verifies_it(sisko: TestClient, verifier: TestClient) -> None:
    before = certified(sisko)
    verifier.post("/v1/events", json=event("certificate_verified", "CONTOH-0017", certification_level=6))
    assert sisko.get("/v1/placements/CONTOH-0017").json()["score"]["risk"] < before
    assert certified(sisko) < before  # sending the placement again does not undo it


def test_a_certificate_counts_once_an_upload_verifies_it(
    sisko: TestClient, verifier: TestClient, client_as: ClientAs
) -> None:
    before = certified(sisko)
    rows = [("ID Penempatan", "Status Verifikasi", "Tgl Verifikasi"), ("CONTOH-0017", "valid", "10/01/2026")]
    assert upload(sisko, rows, "verifications").json()["rejected"] == 1
    assert sisko.get("/v1/placements/CONTOH-0017").json()["score"]["risk"] == before
    taken = upload(verifier, rows, "verifications").json()
    assert (taken["table"], taken["stored"], taken["waiting"]) == ("events", 1, 0)
    assert sisko.get("/v1/placements/CONTOH-0017").json()["score"]["risk"] < before


def upload(client: TestClient, rows: list[tuple[str, ...]], mapping: str) -> Any:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return client.post(
        "/v1/placements/import", files={"file": ("office.csv", text.getvalue())}, data={"mapping": mapping}
    )


HEADINGS = ("ID Penempatan", "NIK", "Kode Kab", "Negara Tujuan", "Jabatan", "Skema", "Sertifikat Terverifikasi")
FULL = (*HEADINGS, "Sertifikasi", "Tgl Daftar")


def exported() -> list[tuple[str, ...]]:
    told = ("5371012345670001", "53.11", "Malaysia", "PRT", "P to P")
    return [
        FULL,
        ("U-1", *told, "", "", "02/01/2026"),
        ("U-2", told[0], "53.11", "Atlantis", *told[3:], "", "", "02/01/2026"),
        ("U-3", *told, "terverifikasi", "6", "02/01/2026"),
        ("Jumlah", "3", "", "", "", "", "", "", ""),
    ]


def test_an_upload_registers_what_is_in_order_and_names_every_other_row(sisko: TestClient, running: Running) -> None:
    taken = upload(sisko, exported(), "siskop2mi").json()
    assert (taken["read"], taken["accepted"], taken["rejected"], taken["stored"]) == (4, 1, 3, 1)
    assert {(row["row"], row["column"]) for row in taken["rejects"]} == {
        (3, "destination"),
        (5, ""),
        (None, "certification_verified"),
    }
    assert sisko.get("/v1/placements/U-1").json()["score"]["stage"] == "before"
    assert sisko.get("/v1/placements/U-2").status_code == sisko.get("/v1/placements/U-3").status_code == 404
    again = upload(sisko, exported(), "siskop2mi").json()
    assert (again["stored"], again["repeated"]) == (0, 1)
    with running.engine.connect() as connection:
        [worker] = connection.execute(select(happenings.placement_workers)).all()
    assert "5371012345670001" not in str(worker)


def test_a_worksheet_and_parquet_are_read_alike(sisko: TestClient) -> None:
    frame = pd.DataFrame(exported()[1:2], columns=list(FULL))
    for suffix in ("xlsx", "parquet"):
        kept = io.BytesIO()
        frame.assign(**{"ID Penempatan": suffix}).pipe(
            lambda told, kind=suffix, file=kept: (
                told.to_excel(file, index=False) if kind == "xlsx" else told.to_parquet(file)
            )
        )
        files = {"file": (f"office.{suffix}", kept.getvalue())}
        taken = sisko.post("/v1/placements/import", files=files, data={"mapping": "siskop2mi"})
        assert (taken.status_code, taken.json()["stored"]) == (200, 1), taken.text


def test_a_workbook_under_another_name_is_read_and_its_other_sheets_are_named(sisko: TestClient) -> None:
    book = openpyxl.Workbook()
    sheet, notes = book.active, book.create_sheet("Catatan")
    assert sheet is not None
    for cells in exported()[:2]:
        sheet.append(cells)
    notes.append(["hubungi Maria"])
    kept = io.BytesIO()
    book.save(kept)
    files = {"file": ("office.csv", kept.getvalue())}
    taken = sisko.post("/v1/placements/import", files=files, data={"mapping": "siskop2mi"})
    assert taken.json()["stored"] == 1
    assert taken.json()["sheets_not_read"] == ["upload.csv [Catatan]"]
    assert "Maria" not in taken.text


def test_a_file_that_cannot_be_used_says_why(sisko: TestClient) -> None:
    mapping = {"mapping": "siskop2mi"}
    answer = sisko.post("/v1/placements/import", files={"file": ("a.csv", b"x;y\n1;2\n")}, data=mapping)
    assert answer.status_code == 422
    assert "the mapping needs ID Penempatan" in answer.json()["detail"]
    wrong = sisko.post("/v1/placements/import", files={"file": ("a.pdf", b"%PDF")}, data=mapping)
    assert ".csv" in wrong.text


def test_changed_bands_are_read_from_where_one_stopped(sisko: TestClient, staff: TestClient) -> None:
    for number, placement in enumerate(("0005", "0011"), start=1):
        sisko.post("/v1/events", json=event("complaint", placement, str(number), category="gaji_tidak_dibayar"))
    first = staff.get("/v1/changes", params={"limit": 1}).json()
    rest = staff.get("/v1/changes", params={"after": first["next"]}).json()
    assert [change["placement_id"] for change in (*first["changes"], *rest["changes"])] == ["0005", "0011"]
    assert staff.get("/v1/changes", params={"after": rest["next"]}).json() == {"changes": [], "next": rest["next"]}


def test_changes_are_told_to_those_who_may_see_the_placement(
    sisko: TestClient, staff: TestClient, client_as: ClientAs
) -> None:
    sisko.put("/v1/placements/CONTOH-0017", json=PLACEMENT)
    sisko.post("/v1/events", json=event("complaint", "0005", category="gaji_tidak_dibayar"))
    clients = {
        "national": staff,
        "own system": sisko,
        "other system": client_as("placement_system", owner="other"),
        "NTT": client_as("inspector", "BP3MI-NTT"),
        "Taipei": client_as("inspector", "KDEI-TAIPEI"),
    }
    seen = {
        who: {change["placement_id"] for change in client.get("/v1/changes").json()["changes"]}
        for who, client in clients.items()
    }
    assert seen == {
        "national": {"CONTOH-0017", "0005"},
        "own system": {"CONTOH-0017"},
        "other system": set(),
        "NTT": {"CONTOH-0017"},
        "Taipei": {"0005"},
    }


def streamed(lines: Iterator[str]) -> list[tuple[int, str]]:
    found = "\n".join(lines).split("\n\n")
    parts = [dict(line.split(": ", 1) for line in part.splitlines() if ": " in line) for part in found]
    return [(int(part["id"]), json.loads(part["data"])["placement_id"]) for part in parts if "id" in part]


def test_a_stream_tells_the_same_changes_and_goes_on_where_it_stopped(sisko: TestClient, staff: TestClient) -> None:
    for number, placement in enumerate(("0005", "0011"), start=1):
        sisko.post("/v1/events", json=event("complaint", placement, str(number), category="gaji_tidak_dibayar"))
    accept = {"Accept": "text/event-stream"}
    whole = staff.get("/v1/changes", params={"seconds": 0}, headers=accept)
    assert whole.headers["content-type"].startswith("text/event-stream")
    told = streamed(iter(whole.text.splitlines()))
    assert [placement for _, placement in told] == ["0005", "0011"]
    rest = staff.get("/v1/changes", params={"seconds": 0}, headers={**accept, "Last-Event-ID": str(told[0][0])})
    assert streamed(iter(rest.text.splitlines())) == told[1:]


def test_reading_a_placement_is_in_the_audit_log(staff: TestClient, running: Running) -> None:
    staff.get("/v1/placements/0005")
    with running.engine.connect() as connection:
        rows = connection.execute(
            select(keeping.audit_log.c.object).where(keeping.audit_log.c.action == "placement.read")
        )
        assert list(rows.scalars()) == ["0005"]
