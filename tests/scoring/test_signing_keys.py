import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from risk_model.errors import ReleaseError
from risk_model.scoring.signing_keys import PRIVATE_KEY_FILE, PUBLIC_KEY_FILE, load_or_create_keys, read_public_key


def test_keys_are_made_once_and_then_stay(tmp_path: Path) -> None:
    first = load_or_create_keys(tmp_path / "keys")
    again = load_or_create_keys(tmp_path / "keys")
    again.public.verify(first.private.sign(b"manifest"), b"manifest")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [PRIVATE_KEY_FILE, PUBLIC_KEY_FILE]


def test_only_the_owner_may_read_the_private_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load_or_create_keys(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / PRIVATE_KEY_FILE).stat().st_mode) == 0o600


def test_a_private_key_that_others_may_read_is_refused_with_the_repair(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path)
    (tmp_path / PRIVATE_KEY_FILE).chmod(0o644)
    with pytest.raises(ReleaseError, match="chmod 600"):
        load_or_create_keys(tmp_path)


def test_the_service_needs_the_public_key_alone(tmp_path: Path) -> None:
    keys = load_or_create_keys(tmp_path)
    (tmp_path / PRIVATE_KEY_FILE).unlink()
    read_public_key(tmp_path / PUBLIC_KEY_FILE).verify(keys.private.sign(b"x"), b"x")


def test_a_lost_public_key_is_written_again(tmp_path: Path) -> None:
    keys = load_or_create_keys(tmp_path)
    (tmp_path / PUBLIC_KEY_FILE).unlink()
    assert load_or_create_keys(tmp_path).public.public_bytes_raw() == keys.public.public_bytes_raw()


def test_keys_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    load_or_create_keys(tmp_path / "a")
    load_or_create_keys(tmp_path / "b")
    (tmp_path / "a" / PUBLIC_KEY_FILE).replace(tmp_path / "b" / PUBLIC_KEY_FILE)
    with pytest.raises(ReleaseError, match="does not belong"):
        load_or_create_keys(tmp_path / "b")


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PUBLIC_KEY_FILE).write_bytes(content)
    with pytest.raises(ReleaseError, match=PUBLIC_KEY_FILE):
        read_public_key(tmp_path / PUBLIC_KEY_FILE)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = X25519PrivateKey.generate().public_key()
    path = tmp_path / PUBLIC_KEY_FILE
    path.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    with pytest.raises(ReleaseError, match="Ed25519"):
        read_public_key(path)


def test_a_missing_public_key_is_told_with_the_repair(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="copy"):
        read_public_key(tmp_path / PUBLIC_KEY_FILE)
