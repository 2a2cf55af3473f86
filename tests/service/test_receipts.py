"""Every score has a receipt: signed, replayable, without anybody's name."""

import json
import re
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from starlette.testclient import TestClient

from service import main
from service.payloads import examples
from service.receipt_keys import is_signed
from service.receipt_signing import canonical
from service.receipt_tree import STEP, to_sign
from service.receipts import replay
from service.running import Running
from service.storage.receipts import MOST_IN_BUNDLE
from service.tables.keeping import receipt_bundles, receipt_links, receipts

PLACEMENT = {
    "placement_id": "0001",
    "worker_ref": "someone-7",
    "origin": "53.11",
    "destination": "HKG",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "certification_level": 3,
    "certification_verified": True,
    "agency_id": "P3MI-B",
    "data_origin": "simulated",
}


def scored(client: TestClient, **changed: object) -> dict[str, Any]:
    answer = client.post("/v1/scores", json={**PLACEMENT, **changed})
    assert answer.status_code == 200, answer.text
    return answer.json()


def receipt_of(client: TestClient, score: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/v1/receipts/{score['receipt']['receipt_id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_receipt_holds_all_that_the_score_was_made_from_and_nobody(own_client: TestClient) -> None:
    score = scored(own_client)
    receipt = receipt_of(own_client, score)
    told = json.loads(receipt["body"])
    assert receipt["signature"] == score["receipt"]["signature"]
    assert canonical(told).decode() == receipt["body"]
    assert told["inputs"] == {
        "destination": "HKG",
        "certification_level": 3,
        "certification_verified": True,
        "sector": "domestic",
    }
    assert told["histories"] == {"placement_complaints": 1}
    assert told["score"] == {name: score[name] for name in ("risk", "low", "high", "band", "supported")}
    assert told["model"]["version"] == score["model_version"]
    assert len(told["model"]["manifest_sha256"]) == 64
    assert sum(told["terms"].values()) + told["intercept"] == pytest.approx(-2.0 + 0.1 - 0.4 + 0.6)
    for secret in ("0001", "someone-7", "53.11"):
        assert f'"{secret}"' not in receipt["body"]


def test_a_receipt_is_valid_and_gives_the_same_score_again(own_client: TestClient) -> None:
    for changed in ({}, {"destination": "FJI"}, {"fee_idr": 1e-300, "wage_monthly_idr": 5e-324}):
        receipt = receipt_of(own_client, scored(own_client, **changed))
        sent = {"body": receipt["body"], "signature": receipt["signature"]}
        verdict = own_client.post("/v1/receipts/verify", json=sent).json()
        assert verdict == {"valid": True, "receipt_id": receipt["receipt_id"], "stored": True}
        replayed = own_client.post(f"/v1/receipts/{receipt['receipt_id']}/replay").json()
        assert (replayed["equal"], replayed["differing"]) == (True, [])
        assert replayed["recorded"] == replayed["replayed"] == json.loads(receipt["body"])["score"]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0), byte=st.integers(0, 255), in_signature=st.booleans(), number=st.integers(1, MOST_IN_BUNDLE)
)
def test_any_altered_byte_is_rejected(
    shared_running: Running, place: int, byte: int, in_signature: bool, number: int
) -> None:
    keys = shared_running.receipt_keys
    bodies = [canonical({"receipt_id": f"r{n}", "inputs": {"fee": 0.1}, "text": "Sumba é"}) for n in range(number)]
    signed, ways = to_sign(bodies)
    mine = place % number
    signature = STEP.join([keys.private.sign(signed).hex(), *ways[mine]])
    parts = [bodies[mine], signature.encode()]
    altered = bytearray(parts[in_signature])
    altered[place % len(altered)] = byte
    same = bytes(altered) == parts[in_signature]
    parts[in_signature] = bytes(altered)
    told = [part.decode("utf-8", "surrogateescape") for part in parts]
    assert is_signed(*told, keys.public) is same


@pytest.mark.parametrize(
    "form",
    [
        str.upper,
        str.swapcase,
        lambda text: f" {text}",
        lambda text: f"{text} ",
        lambda text: text[:-2],
        lambda text: f"{text}{STEP}",
        lambda text: f"{text}{STEP}l{'0' * 64}",
        lambda text: text.replace("l", "x").replace("r", "x") + "x",
        lambda text: "",
    ],
)
@pytest.mark.parametrize("number", [1, 2])
def test_a_signature_has_one_form(shared_running: Running, form: Callable[[str], str], number: int) -> None:
    keys = shared_running.receipt_keys
    signed, ways = to_sign([b"{}", b"[]"][:number])
    digits = keys.private.sign(signed).hex()
    signature = STEP.join([digits, *ways[0]])
    assert is_signed("{}", signature, keys.public)
    assert not is_signed("{}", form(signature), keys.public)
    steps = [step[0] + step[1:].upper() for step in ways[0]]
    assert is_signed("{}", STEP.join([digits, *steps]), keys.public) is (steps == [*ways[0]])


ROWS = st.fixed_dictionaries(
    {
        "destination": st.sampled_from(["MYS", "HKG", "TWN", "FJI", "SAU"]),
        "sector": st.sampled_from(["domestic", "manufacturing", "fishing"]),
        "placement_id": st.sampled_from(["0001", "0002", "0003", "NEW"]),
        "certification_level": st.none() | st.integers(0, 6),
        "certification_verified": st.none() | st.booleans(),
        "wage_monthly_idr": st.none() | st.floats(0, 1e12),
        "departed_on": st.none() | st.sampled_from(["2025-03-01", "2027-01-01"]),
    }
)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=12))
def test_many_rows_get_the_scores_that_each_gets_alone_and_each_receipt_gives_it_again(
    client: TestClient, shared_running: Running, rows: list[dict[str, Any]]
) -> None:
    sent = [{**PLACEMENT, **row} for row in rows]
    together = client.post("/v1/scores/batch", json=sent).json()
    for row, answer in zip(sent, together, strict=True):
        alone = client.post("/v1/scores", json=row).json()
        assert {**answer, "receipt": None} == {**alone, "receipt": None}
        body = receipt_of(client, answer)["body"]
        assert replay(shared_running.settings, body).equal
        mine, own = json.loads(body), json.loads(receipt_of(client, alone)["body"])
        assert {**mine, "receipt_id": None} == {**own, "receipt_id": None}


def test_a_replay_that_comes_out_otherwise_says_where(own_client: TestClient, running: Running) -> None:
    told = json.loads(receipt_of(own_client, scored(own_client))["body"])
    told["score"]["risk"] += 1e-15
    told["terms"]["destination"] -= 1e-15
    found = replay(running.settings, canonical(told).decode())
    assert (found.equal, found.differing) == (False, ("risk", "destination"))


@pytest.mark.parametrize("number", [1, 2, 3, 15, 16, 17, 33])
def test_receipts_signed_together_are_each_valid_without_the_others(own_client: TestClient, number: int) -> None:
    answers = own_client.post("/v1/scores/batch", json=[PLACEMENT] * number).json()
    receipts = [receipt_of(own_client, answer) for answer in answers]
    assert [one["signature"] for one in receipts] == [answer["receipt"]["signature"] for answer in answers]
    assert len({one["signature"].partition(STEP)[0] for one in receipts}) == -(-number // MOST_IN_BUNDLE)
    for mine, other in zip(receipts, [*receipts[1:], receipts[0]], strict=True):
        sent = {"body": mine["body"], "signature": mine["signature"]}
        assert own_client.post("/v1/receipts/verify", json=sent).json()["valid"]
        exchanged = own_client.post("/v1/receipts/verify", json={**sent, "signature": other["signature"]}).json()
        assert exchanged["valid"] is (mine is other)


@pytest.mark.parametrize("number", [1, 5])
def test_anybody_checks_a_receipt_as_the_documentation_says(
    own_client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    shown = (Path(__file__).parents[2] / "docs" / "receipts.md").read_text(encoding="utf-8")
    check = compile(re.search(r"```python\n(.*?)```", shown, re.DOTALL).group(1), "receipts.md", "exec")
    monkeypatch.chdir(tmp_path)
    kept = Path("receipt.json")
    for answer in own_client.post("/v1/scores/batch", json=[PLACEMENT] * number).json():
        receipt = receipt_of(own_client, answer)
        kept.write_text(json.dumps(receipt))
        exec(check, {})
        kept.write_text(json.dumps({**receipt, "body": receipt["body"].replace("HKG", "TWN")}))
        with pytest.raises(InvalidSignature):
            exec(check, {})


def test_a_receipt_of_an_earlier_version_is_shown_and_valid(own_client: TestClient, running: Running) -> None:
    made = receipt_of(own_client, scored(own_client))
    body = made["body"].replace(made["receipt_id"], "earlier")
    signature = running.receipt_keys.private.sign(body.encode()).hex()
    with running.engine.begin() as connection:
        row = {"receipt_id": "earlier", "made_at": datetime(2026, 1, 1), "body": body, "signature": signature}
        connection.execute(insert(receipts), row)
    kept = own_client.get("/v1/receipts/earlier").json()
    assert (kept["body"], kept["signature"]) == (body, signature)
    verdict = own_client.post("/v1/receipts/verify", json={"body": body, "signature": signature}).json()
    assert verdict == {"valid": True, "receipt_id": "earlier", "stored": True}
    assert own_client.post("/v1/receipts/earlier/replay").json()["equal"]


def test_a_stored_receipt_that_was_altered_is_not_replayed(own_client: TestClient, running: Running) -> None:
    receipt_id = scored(own_client)["receipt"]["receipt_id"]
    with running.engine.begin() as connection:
        bodies = zlib.decompress(connection.execute(select(receipt_bundles.c.bodies)).scalar_one())
        altered = zlib.compress(bodies.replace(b"HKG", b"TWN"))
        connection.execute(update(receipt_bundles).values(bodies=altered))
    answer = own_client.post(f"/v1/receipts/{receipt_id}/replay")
    assert answer.status_code == 422
    assert "no longer as it was signed" in answer.json()["detail"]


def test_without_the_link_the_receipt_stays_and_still_verifies(own_client: TestClient, running: Running) -> None:
    score = scored(own_client)
    with running.engine.begin() as connection:
        linked = connection.execute(select(receipt_links)).mappings().one()
        assert linked == {"receipt_id": score["receipt"]["receipt_id"], "placement_id": "0001"}
        connection.execute(delete(receipt_links))
    receipt = receipt_of(own_client, score)
    assert own_client.post(f"/v1/receipts/{receipt['receipt_id']}/replay").json()["equal"]


def test_a_receipt_exists_for_whom_it_was_made_and_for_who_sees_the_placement(
    client_as: Callable[..., TestClient],
) -> None:
    system, other_system = client_as("placement_system", owner="a"), client_as("placement_system", owner="b")
    kupang, surabaya = client_as("inspector", "BP3MI-NTT"), client_as("inspector", "BP3MI-JATIM")
    made = {"system": system, "kupang": kupang}
    ids = {name: scored(one, placement_id="NEW")["receipt"]["receipt_id"] for name, one in made.items()}
    ids["of 0001"] = scored(client_as("national"))["receipt"]["receipt_id"]
    seen = {
        (who, name): client.get(f"/v1/receipts/{receipt_id}").status_code == 200
        for who, client in {"system": system, "other": other_system, "kupang": kupang, "surabaya": surabaya}.items()
        for name, receipt_id in ids.items()
    }
    assert {pair for pair, exists in seen.items() if exists} == {
        ("system", "system"),
        ("kupang", "kupang"),
        ("kupang", "of 0001"),
    }
    assert system.get("/v1/receipts/none").status_code == 404


def test_a_system_learns_from_no_score_who_complained(client_as: Callable[..., TestClient]) -> None:
    system, national = client_as("placement_system", owner="a"), client_as("national")
    complained, quiet = scored(system, placement_id="0001"), scored(system, placement_id="NEW")
    assert complained["risk"] == quiet["risk"] == scored(national, placement_id="NEW")["risk"]
    assert scored(national, placement_id="0001")["risk"] > complained["risk"]


def test_the_command_checks_a_receipt_by_id_and_by_file(
    own_client: TestClient,
    running: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    receipt = receipt_of(own_client, scored(own_client))
    for name in ("database_url", "model_dir", "public_key", "receipt_key"):
        monkeypatch.setenv(f"RISK_{name.upper()}", str(getattr(running.settings, name)))
    monkeypatch.setenv("RISK_DATABASE_URL", running.engine.url.render_as_string(hide_password=False))
    kept = tmp_path / "receipt.json"
    kept.write_text(json.dumps(receipt))
    for named in (receipt["receipt_id"], str(kept)):
        assert run(monkeypatch, "verify-receipt", named) == 0
        assert "gives the same score to the last bit" in capsys.readouterr().out
    kept.write_text(json.dumps({**receipt, "body": receipt["body"].replace("HKG", "TWN")}))
    assert run(monkeypatch, "verify-receipt", str(kept)) == 1
    assert "not as this service signed it" in capsys.readouterr().err


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["risk-service", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main.main()
    return int(stopped.value.code or 0)


def lines(*rows: object) -> str:
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def test_every_line_of_a_stream_is_answered_in_its_place(client: TestClient) -> None:
    bad = {**PLACEMENT, "destination": "HGK"}
    sent = lines(PLACEMENT, bad, "no json", "", {**PLACEMENT, "placement_id": "x" * 70_000}, PLACEMENT)
    answer = client.post("/v1/scores/batch", content=sent, headers={"Content-Type": "application/x-ndjson"})
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [(one.get("line"), one.get("risk") is not None) for one in told] == [
        (None, True),
        (2, False),
        (3, False),
        (5, False),
        (None, True),
    ]
    assert told[1]["errors"][0]["detail"].endswith("did you mean 'HKG'?")
    assert "not valid JSON" in told[2]["errors"][0]["detail"]


def test_a_long_stream_is_answered_in_parts_and_in_order(client: TestClient) -> None:
    rows = [{**PLACEMENT, "placement_id": f"N{n}", "wage_monthly_idr": n} for n in range(1201)]
    headers = {"Content-Type": "application/x-ndjson"}
    with client.stream("POST", "/v1/scores/batch", content=lines(*rows), headers=headers) as answer:
        told = [json.loads(line)["placement_id"] for line in answer.iter_lines()]
    assert told == [row["placement_id"] for row in rows]


def test_an_array_holds_a_thousand_rows_and_no_more(client: TestClient) -> None:
    row = examples.PLACEMENT
    assert len(client.post("/v1/scores/batch", json=[row] * 1000).json()) == 1000
    answer = client.post("/v1/scores/batch", json=[row] * 1001)
    assert answer.status_code == 422
    assert "application/x-ndjson" in answer.json()["detail"]
    assert client.post("/v1/scores/batch", json=[]).json() == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [("{}", "application/json", 422), ("nope", "application/json", 422), ("[]", "text/csv", 415)],
)
def test_what_is_no_batch_is_a_problem(client: TestClient, content: str, kind: str, status: int) -> None:
    answer = client.post("/v1/scores/batch", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
