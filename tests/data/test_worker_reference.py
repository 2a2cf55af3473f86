"""A NIK becomes a reference that only the holder of the key can make, and nobody can read back."""

import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from risk_model.data.worker_reference import load_key, name_reference, worker_reference
from risk_model.errors import UnreadableFileError


def test_the_reference_is_the_hmac_of_the_number() -> None:
    assert (
        worker_reference("5305149092546565", key=b"k")
        == hmac.new(b"k", b"5305149092546565", hashlib.sha256).hexdigest()
    )


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "worker.key"
    key = load_key(path)
    assert len(key) == 32
    assert load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["worker.key"]


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(load_key, [tmp_path / "worker.key"] * 32))) == 1


def test_a_short_key_and_a_folder_are_refused_with_the_repair(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(b"abc")
    with pytest.raises(UnreadableFileError, match="3 bytes are too few"):
        load_key(tmp_path / "short")
    with pytest.raises(UnreadableFileError, match="cannot be used"):
        load_key(tmp_path)


def test_inspectors_and_employers_of_one_name_have_different_references() -> None:
    names = {
        name_reference(role, name, key=b"k") for role in ("inspector_ref", "employer_ref") for name in ("Ana", " ANA. ")
    }
    assert len(names) == 2
