import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from risk_model.errors import ReleaseBusyError, ReleaseError
from risk_model.scoring.model_file import as_data, write_model
from risk_model.scoring.release import (
    current_release,
    read_manifest,
    read_release,
    releases,
    roll_back,
    write_release,
)
from risk_model.scoring.release_turn import CHANGE, sole_turn
from risk_model.scoring.scorer import CompiledModel, score_columns
from risk_model.scoring.signing_keys import Keys, load_or_create_keys

CREATED = datetime(2026, 1, 20, 9, 30, tzinfo=UTC)
FILES = ("model.json", "card.json", "manifest.json", "manifest.sig")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return load_or_create_keys(tmp_path_factory.mktemp("keys"))


def publish(model: CompiledModel, folder: Path, keys: Keys, release_id: str) -> Path:
    return write_release(model, folder, private_key=keys.private, release_id=release_id, created_at=CREATED)


@pytest.fixture
def champion(model: CompiledModel, tmp_path: Path, keys: Keys) -> Path:
    publish(model, tmp_path / "champion", keys, "r1")
    return tmp_path / "champion"


def test_what_is_read_is_what_was_written(model: CompiledModel, champion: Path, keys: Keys) -> None:
    served = read_release(current_release(champion), public_key=keys.public)
    assert as_data(served) == as_data(model)
    assert served.card == model.card
    columns = {
        "destination": ["MYS", "KOR", "XXX", None],
        "employer_type": ["household", "household", "legal_entity", None],
        "certification_level": [1, 2, 6, None],
        "certification_verified": [True, False, True, None],
        "has_work_visa": [True, False, None, True],
    }
    expected, found = score_columns(model, columns), score_columns(served, columns)
    np.testing.assert_array_equal(found.contributions, expected.contributions)
    np.testing.assert_array_equal(found.risk, expected.risk)


def test_the_manifest_says_where_the_release_comes_from(champion: Path, keys: Keys) -> None:
    manifest = read_manifest(current_release(champion), public_key=keys.public)
    assert (manifest.release_id, manifest.previous, manifest.data_origin) == ("r1", None, "simulated")
    assert manifest.created_at == "2026-01-20T09:30:00+00:00"


def test_an_instant_of_any_time_zone_is_kept_in_utc(model: CompiledModel, tmp_path: Path, keys: Keys) -> None:
    in_kupang = CREATED.astimezone(timezone(timedelta(hours=8)))
    made = write_release(model, tmp_path, private_key=keys.private, release_id="r1", created_at=in_kupang)
    assert read_manifest(made, public_key=keys.public).created_at == "2026-01-20T09:30:00+00:00"


def test_the_same_model_gives_the_same_bytes(model: CompiledModel, tmp_path: Path, keys: Keys) -> None:
    made = [publish(model, tmp_path / name, keys, "r1") for name in "ab"]
    for name in FILES:
        assert (made[0] / name).read_bytes() == (made[1] / name).read_bytes()


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_any_changed_byte_is_refused(champion: Path, keys: Keys, name: str, position: float, change: int) -> None:
    path = champion / "releases" / "r1" / name
    whole = path.read_bytes()
    altered = bytearray(whole)
    altered[int(position * len(whole))] ^= change
    path.write_bytes(altered)
    try:
        with pytest.raises(ReleaseError):
            read_release(path.parent, public_key=keys.public)
    finally:
        path.write_bytes(whole)


def test_any_changed_byte_of_the_pointer_is_refused(champion: Path) -> None:
    pointer = champion / "current"
    whole = pointer.read_bytes().rstrip(b"\n")
    for position in range(len(whole)):
        altered = bytearray(whole)
        altered[position] ^= 1
        pointer.write_bytes(altered)
        with pytest.raises(ReleaseError):
            current_release(champion)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "longer", "link", "folder"])
def test_a_damaged_file_is_refused(champion: Path, keys: Keys, name: str, damage: str) -> None:
    path = champion / "releases" / "r1" / name
    whole = path.read_bytes()
    path.unlink()
    if damage == "link":
        (champion / "elsewhere").write_bytes(whole)
        path.symlink_to(champion / "elsewhere")
    elif damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes({"empty": b"", "cut": whole[:-1], "longer": whole + b" "}[damage])
    with pytest.raises(ReleaseError):
        read_release(path.parent, public_key=keys.public)


@pytest.mark.parametrize("extra", ["notes.txt", "model.joblib", ".hidden", "nested"])
def test_a_file_that_does_not_belong_is_refused(champion: Path, keys: Keys, extra: str) -> None:
    release = champion / "releases" / "r1"
    if extra == "nested":
        (release / extra).mkdir()
    else:
        (release / extra).write_text("x")
    with pytest.raises(ReleaseError):
        read_release(release, public_key=keys.public)


def test_a_link_in_place_of_the_release_is_refused(champion: Path, keys: Keys) -> None:
    release = champion / "releases" / "r1"
    release.rename(champion / "elsewhere")
    release.symlink_to(champion / "elsewhere", target_is_directory=True)
    with pytest.raises(ReleaseError, match="links"):
        read_release(release, public_key=keys.public)


def test_a_release_signed_by_somebody_else_is_refused(champion: Path, tmp_path: Path) -> None:
    stranger = load_or_create_keys(tmp_path / "stranger")
    with pytest.raises(ReleaseError, match="another key"):
        read_release(current_release(champion), public_key=stranger.public)


def sign_anew(release: Path, keys: Keys, **changes: object) -> None:
    manifest = json.loads((release / "manifest.json").read_bytes())
    for name in ("model.json", "card.json"):
        manifest["files"][name] = hashlib.sha256((release / name).read_bytes()).hexdigest()
    (release / "manifest.json").write_text(json.dumps({**manifest, **changes}))
    (release / "manifest.sig").write_bytes(keys.private.sign((release / "manifest.json").read_bytes()))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_even_a_signed_model_with_a_number_that_is_not_finite_is_refused(
    champion: Path, keys: Keys, number: bytes
) -> None:
    release = champion / "releases" / "r1"
    raw = (release / "model.json").read_bytes()
    (release / "model.json").write_bytes(raw.replace(b"-2.0", number, 1))
    sign_anew(release, keys)
    with pytest.raises(ReleaseError, match="finite"):
        read_release(release, public_key=keys.public)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"format": None},
        {"surprise": 1},
        {"files": {"model.json": "0"}},
        {"files": {"../../secret": "0", "model.json": "0"}},
    ],
)
def test_a_signed_manifest_of_another_format_is_refused(champion: Path, keys: Keys, changes: dict[str, object]) -> None:
    release = champion / "releases" / "r1"
    sign_anew(release, keys, **changes)
    with pytest.raises(ReleaseError):
        read_release(release, public_key=keys.public)


@pytest.mark.parametrize("name", ["", ".", "..", "../r1", "a/b", "/etc", "-r", "r 1", "r1\n", "é", "x" * 101])
def test_an_id_that_could_name_another_folder_is_refused(
    model: CompiledModel, tmp_path: Path, keys: Keys, name: str
) -> None:
    with pytest.raises(ReleaseError, match="release id"):
        publish(model, tmp_path, keys, name)
    (tmp_path / "current").write_text(f"{name} {'0' * 64}\n")
    with pytest.raises(ReleaseError):
        current_release(tmp_path)


def test_a_release_is_never_overwritten(model: CompiledModel, champion: Path, keys: Keys) -> None:
    with pytest.raises(ReleaseError, match="never changed"):
        publish(replace(model, intercept=1.0), champion, keys, "r1")
    assert read_release(current_release(champion), public_key=keys.public).intercept == model.intercept


def test_a_model_without_origin_is_not_released(model: CompiledModel, champion: Path, keys: Keys) -> None:
    with pytest.raises(ReleaseError, match="data_origin"):
        publish(replace(model, card={}), champion, keys, "r2")
    assert current_release(champion).name == "r1"


def test_without_any_release_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="risk-model promote"):
        current_release(tmp_path)


def test_rolling_back_goes_from_release_to_release_and_stops_at_the_first(
    model: CompiledModel, champion: Path, keys: Keys
) -> None:
    for name in ("r2", "r3"):
        publish(model, champion, keys, name)
    assert [roll_back(champion, public_key=keys.public).name for _ in range(2)] == ["r2", "r1"]
    with pytest.raises(ReleaseError, match="two-line rule"):
        roll_back(champion, public_key=keys.public)
    assert current_release(champion).name == "r1"


def test_a_release_after_a_roll_back_rolls_back_to_what_was_in_use(
    model: CompiledModel, champion: Path, keys: Keys
) -> None:
    publish(model, champion, keys, "r2")
    roll_back(champion, public_key=keys.public)
    publish(model, champion, keys, "r3")
    assert roll_back(champion, public_key=keys.public).name == "r1"


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_release_is_not_rolled_back_to(model: CompiledModel, champion: Path, keys: Keys, name: str) -> None:
    publish(model, champion, keys, "r2")
    (champion / "releases" / "r1" / name).write_bytes(b"{}")
    with pytest.raises(ReleaseError):
        roll_back(champion, public_key=keys.public)
    assert current_release(champion).name == "r2"


def test_a_release_under_another_ones_name_is_not_rolled_back_to(
    model: CompiledModel, champion: Path, keys: Keys
) -> None:
    for name in ("r2", "r3"):
        publish(model, champion, keys, name)
    releases = champion / "releases"
    shutil.rmtree(releases / "r2")
    shutil.copytree(releases / "r1", releases / "r2")
    with pytest.raises(ReleaseError, match="another release"):
        roll_back(champion, public_key=keys.public)


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from risk_model.scoring.model_file import read_model
from risk_model.scoring.release import write_release
from risk_model.scoring.signing_keys import load_or_create_keys

folder, last = Path(sys.argv[1]), int(sys.argv[4])
keys, new, steps = load_or_create_keys(Path(sys.argv[2])), read_model(Path(sys.argv[3])), 0

def hook(event, arguments):
    global steps
    if event in ("open", "os.mkdir", "os.rename") and str(folder) in str(arguments):
        steps += 1
        if steps > last:
            os._exit(9)

sys.addaudithook(hook)
write_release(new, folder, private_key=keys.private, release_id="r2", created_at=datetime(2026, 2, 1))
"""


def test_wherever_the_writer_is_killed_a_whole_release_is_in_use(
    model: CompiledModel, champion: Path, tmp_path: Path
) -> None:
    keys = load_or_create_keys(tmp_path / "keys")
    shutil.rmtree(champion)
    publish(model, champion, keys, "r1")
    write_model(replace(model, intercept=1.0), tmp_path / "new.json")
    arguments = [str(champion), str(tmp_path / "keys"), str(tmp_path / "new.json")]
    in_use = []
    for step in range(100):
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments, str(step)],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
        served = current_release(champion)
        in_use.append(served.name)
        assert read_release(served, public_key=keys.public).intercept == (1.0 if served.name == "r2" else -2.0)
        shutil.rmtree(champion)
        publish(model, champion, keys, "r1")
        if ended.returncode == 0:
            break
    assert ended.returncode == 0
    assert in_use[0] == "r1"
    assert in_use[-1] == "r2"
    assert in_use == sorted(in_use), "the switch happens once, and after everything else"


def test_what_a_killed_writer_left_behind_does_not_stop_the_next(
    model: CompiledModel, champion: Path, keys: Keys
) -> None:
    left = champion / "releases" / ".r2.partial"
    left.mkdir()
    (left / "model.json").write_text("half")
    publish(model, champion, keys, "r2")
    assert current_release(champion).name == "r2"
    assert not left.exists()


def test_of_two_changes_at_once_one_wins_and_nothing_of_the_other_is_done(
    model: CompiledModel, champion: Path, keys: Keys
) -> None:
    publish(model, champion, keys, "r2")
    with sole_turn(champion, CHANGE):
        with pytest.raises(ReleaseBusyError, match="another change is under way"):
            roll_back(champion, public_key=keys.public)
        with pytest.raises(ReleaseBusyError):
            publish(model, champion, keys, "r3")
    assert (current_release(champion).name, releases(champion)) == ("r2", ["r1", "r2"])


def test_going_back_from_a_release_that_is_no_longer_in_use_does_nothing(
    model: CompiledModel, champion: Path, keys: Keys
) -> None:
    for release_id in ("r2", "r3"):
        publish(model, champion, keys, release_id)
    assert roll_back(champion, public_key=keys.public, leaving="r3").name == "r2"
    with pytest.raises(ReleaseBusyError, match="r2 is in use by now, not r3"):
        roll_back(champion, public_key=keys.public, leaving="r3")
    assert current_release(champion).name == "r2"
