"""After the receipt key was replaced new receipts are signed with the new one, and old ones stay valid."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from starlette.testclient import TestClient

from risk_model.errors import ReleaseBusyError
from risk_model.scoring.release_turn import sole_turn
from service import main
from service.payloads import examples
from service.receipt_keys import TURN, ReceiptKeys
from service.running import Running
from service.settings import Settings
from service.tables.keeping import audit_log

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)


@pytest.fixture
def own(running: Running, make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Running]:
    """A service with a receipt key of its own."""
    url = running.engine.url.render_as_string(hide_password=False)
    one = Running(make_settings(url, receipt_key=tmp_path / "receipt_key.pem"))
    yield one
    one.close()


def receipt_of(client: TestClient) -> dict[str, Any]:
    scored = client.post("/v1/scores", json=examples.PLACEMENT)
    assert scored.status_code == 200, scored.text
    receipt: dict[str, Any] = client.get(f"/v1/receipts/{scored.json()['receipt']['receipt_id']}").json()
    return receipt


def is_valid(client: TestClient, receipt: dict[str, Any], **altered: str) -> bool:
    sent = {"body": receipt["body"], "signature": receipt["signature"], **altered}
    return bool(client.post("/v1/receipts/verify", json=sent).json()["valid"])


def test_receipts_of_every_former_key_stay_valid_and_replay(own: Running, client_of: Callable[..., TestClient]) -> None:
    client = client_of(own)
    receipts = [receipt_of(client)]
    for day in (1, 2):
        own.receipt_keys.rotate(NOW + timedelta(days=day))
        receipts.append(receipt_of(client))
    assert len({receipt["public_key"] for receipt in receipts}) == 3
    for receipt in receipts:
        assert is_valid(client, receipt)
        assert not is_valid(client, receipt, body=receipt["body"].replace("MYS", "TWN"))
        assert client.post(f"/v1/receipts/{receipt['receipt_id']}/replay").json()["equal"]
        again = client.get(f"/v1/receipts/{receipt['receipt_id']}").json()
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(again["public_key"]))
        key.verify(bytes.fromhex(again["signature"]), again["body"].encode())  # as docs/receipts.md says


def test_a_worker_that_runs_already_signs_with_the_new_key_at_once(
    own: Running, make_settings: Callable[..., Settings], client_of: Callable[..., TestClient]
) -> None:
    client = client_of(own)
    before = receipt_of(client)
    _, new = ReceiptKeys(own.settings.receipt_key).rotate(NOW)  # another process
    assert receipt_of(client)["public_key"] == new != before["public_key"]
    assert is_valid(client, before)


def test_the_old_private_key_is_gone_and_the_new_one_for_its_owner_alone(tmp_path: Path) -> None:
    keys = ReceiptKeys(tmp_path / "receipt_key.pem")
    old = keys.private.private_bytes_raw()
    keys.rotate(NOW)
    assert sorted(path.suffix for path in tmp_path.glob("receipt*")) == [".pem", ".pub", ".pub"]
    assert keys.private.private_bytes_raw() != old
    assert (tmp_path / "receipt_key.pem").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".receipt*")), "no half-written key is left"


@pytest.mark.parametrize("step", ["replace_private_key", "write_public_key"])
def test_wherever_a_rotation_ends_old_receipts_can_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    keys = ReceiptKeys(tmp_path / "receipt_key.pem")
    signature = keys.private.sign(b"{}").hex()

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"service.receipt_keys.{step}", cut)
    with pytest.raises(KeyboardInterrupt):
        keys.rotate(NOW)
    monkeypatch.undo()
    later = ReceiptKeys(tmp_path / "receipt_key.pem")
    assert later.signer("{}", signature) is not None
    later.rotate(NOW)
    assert later.signer("{}", signature) is not None


def test_of_two_rotations_at_once_one_is_turned_away(tmp_path: Path) -> None:
    keys = ReceiptKeys(tmp_path / "receipt_key.pem")
    before = keys.public.public_bytes_raw()
    with sole_turn(tmp_path, TURN), pytest.raises(ReleaseBusyError):
        keys.rotate(NOW)
    assert keys.public.public_bytes_raw() == before


def test_the_command_names_both_keys_and_stands_in_the_audit_log(
    own: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = own.receipt_keys.public.public_bytes_raw().hex()
    for name in ("receipt_key", "audit_key_file"):
        monkeypatch.setenv(f"RISK_{name.upper()}", str(getattr(own.settings, name)))
    monkeypatch.setenv("RISK_DATABASE_URL", own.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr("sys.argv", ["risk-service", "rotate-receipt-key", "--json"])
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"old": before, "new": own.receipt_keys.public.public_bytes_raw().hex()}
    with own.engine.connect() as connection:
        rows = connection.execute(select(audit_log).order_by(audit_log.c.seq)).mappings().all()
    assert (rows[-1]["who"], rows[-1]["action"]) == ("user:local", "receipt_key.rotate")
    assert told["new"] in rows[-1]["detail"]
