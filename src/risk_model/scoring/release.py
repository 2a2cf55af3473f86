"""Which model is served, and is it the one that was promoted?

A release is a folder of data: the compiled model, its card, a manifest with the SHA-256 of both, and
an Ed25519 signature over the manifest. `FOLDER/releases/ID/` holds every release ever made, and the
small file `FOLDER/current` names the one in use; replacing that file is the whole switch.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from risk_model.errors import ReleaseBusyError, ReleaseError
from risk_model.scoring.model_file import as_data, from_bytes, from_data, to_bytes
from risk_model.scoring.release_turn import CHANGE, sole_turn
from risk_model.scoring.scorer import CompiledModel

FORMAT = 1
"""Changes whenever an older reader would misread a newer release."""

MODEL, CARD, MANIFEST, SIGNATURE = "model.json", "card.json", "manifest.json", "manifest.sig"
FILES = frozenset((MODEL, CARD, MANIFEST, SIGNATURE))
RELEASES, POINTER = "releases", "current"
DRIFT_FILE = "drift.json"
"""Beside the releases: what the newest `risk-model drift` found, for the page that shows it."""
RELEASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""No separator and no leading dot: an id can name no folder but its own."""


@dataclass(frozen=True)
class Manifest:
    """What a release says of itself.

    `previous` is the release that was in use before, to roll back to; None for the first.
    `created_at` is UTC, ISO 8601. `files` are the SHA-256 sums by file name.
    """

    format: int
    release_id: str
    previous: str | None
    created_at: str
    kind: str
    data_origin: str
    files: Mapping[str, str]


def write_release(
    model: CompiledModel, folder: Path, *, private_key: Ed25519PrivateKey, release_id: str, created_at: datetime
) -> Path:
    """Write `model` as release `release_id` below `folder` and make it the one in use.

    It appears whole or not at all; earlier releases stay, and the one in use so far becomes its
    `previous`. `created_at` without a time zone counts as UTC.

    Returns:
        The release's own folder.

    Raises:
        ReleaseError: when the id is malformed or taken, or the model or card cannot be written.
        ReleaseBusyError: another one is changing which release is in use.
    """
    with sole_turn(folder, CHANGE):
        return _write(model, folder, private_key=private_key, release_id=release_id, created_at=created_at)


def _write(
    model: CompiledModel, folder: Path, *, private_key: Ed25519PrivateKey, release_id: str, created_at: datetime
) -> Path:
    target = release_path(folder, release_id)
    if target.exists():
        raise ReleaseError(f"{target}: this release exists, and a release is never changed; choose another id")
    contents = {MODEL: to_bytes(as_data(model), name=MODEL), CARD: to_bytes(dict(model.card), name=CARD)}
    manifest = Manifest(
        format=FORMAT,
        release_id=release_id,
        previous=_in_use(folder),
        created_at=_as_utc(created_at),
        kind=model.kind,
        data_origin=_origin(model),
        files={name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    )
    contents[MANIFEST] = to_bytes(asdict(manifest), name=MANIFEST)
    contents[SIGNATURE] = private_key.sign(contents[MANIFEST])
    from_data(json.loads(contents[MODEL]), model.card, name=MODEL)
    _write_folder(target, contents)
    _point_to(folder, release_id)
    return target


def read_release(folder: Path, *, public_key: Ed25519PublicKey) -> CompiledModel:
    """Read the release in its own `folder` after checking signature, sums, files and format.

    Raises:
        ReleaseError: when any byte is not the one that was signed.
    """
    contents = _verified(folder, public_key)
    card = from_bytes(contents[CARD], name=str(folder / CARD))
    return from_data(from_bytes(contents[MODEL], name=str(folder / MODEL)), card, name=str(folder / MODEL))


def read_manifest(folder: Path, *, public_key: Ed25519PublicKey) -> Manifest:
    """Return what the release in `folder` says of itself; checked as `read_release` does."""
    return _parse_manifest(_verified(folder, public_key)[MANIFEST], folder)


def current_release(folder: Path) -> Path:
    """Return the folder of the release in use below `folder`.

    Raises:
        ReleaseError: when nothing was ever promoted, or the pointer names no release that is there.
    """
    pointer = folder / POINTER
    try:
        release_id, digest = pointer.read_text(encoding="ascii").split()
    except FileNotFoundError:
        raise ReleaseError(f"{folder}: no release yet; make one with: risk-model promote") from None
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{pointer}: not readable ({error}); promote again, or restore the file") from error
    target = release_path(folder, release_id)
    if digest != manifest_hash(target):
        raise ReleaseError(f"{pointer} and {target / MANIFEST} do not belong together; promote again, or roll back")
    return target


def releases(folder: Path) -> list[str]:
    """Return the ids of all releases below `folder`, also of those that are not whole, in order of their names."""
    places = sorted((folder / RELEASES).glob("*")) if (folder / RELEASES).is_dir() else []
    return [place.name for place in places if RELEASE_ID.fullmatch(place.name)]


def roll_back(folder: Path, *, public_key: Ed25519PublicKey, leaving: str | None = None) -> Path:
    """Make the release that was in use before the present one the one in use; checked first.

    `leaving` is the release to go back from; where given, nothing happens if another one is in use by now.

    Returns:
        The folder of the release now in use.

    Raises:
        ReleaseError: when there is none before, or it is not whole; the present one stays in use.
        ReleaseBusyError: another one is changing which release is in use, or has changed it.
    """
    with sole_turn(folder, CHANGE):
        return _go_back(folder, public_key, leaving)


def _go_back(folder: Path, public_key: Ed25519PublicKey, leaving: str | None) -> Path:
    in_use = current_release(folder)
    if leaving is not None and in_use.name != leaving:
        raise ReleaseBusyError(f"{folder}: {in_use.name} is in use by now, not {leaving}; look again before going back")
    present = read_manifest(in_use, public_key=public_key)
    if present.previous is None:
        raise ReleaseError(
            f"{folder}: {present.release_id} is the first release, nothing was before it; "
            "switch the model off instead, and the two-line rule is served"
        )
    target = release_path(folder, present.previous)
    if read_manifest(target, public_key=public_key).release_id != present.previous:
        raise ReleaseError(f"{target}: holds another release than its name says; restore it, or promote again")
    read_release(target, public_key=public_key)
    _point_to(folder, present.previous)
    return target


def release_path(folder: Path, release_id: str) -> Path:
    """Return the folder of one release below `folder`, whether it is there or not.

    Raises:
        ReleaseError: the id is malformed.
    """
    if not RELEASE_ID.fullmatch(release_id):
        raise ReleaseError(
            f"release id is {release_id!r}; allowed: up to 100 letters, digits, dots, dashes and underscores, "
            "beginning with a letter or digit"
        )
    return folder / RELEASES / release_id


def _as_utc(instant: datetime) -> str:
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return aware.isoformat(timespec="seconds")


def _origin(model: CompiledModel) -> str:
    origin = model.card.get("data_origin")
    if not isinstance(origin, str) or not origin:
        raise ReleaseError("the model's card names no data_origin; a release says whether it was learnt from real data")
    return origin


def _in_use(folder: Path) -> str | None:
    try:
        return current_release(folder).name
    except ReleaseError:
        return None  # nothing sound is in use, so there is nothing to roll back to


def _write_folder(target: Path, contents: Mapping[str, bytes]) -> None:
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, content in contents.items():
        _write_through(partial / name, content)
    try:
        partial.rename(target)
    except OSError as error:
        raise ReleaseError(f"{target}: cannot be put in place ({error.strerror}); choose another id") from error
    _flush_folder(target.parent)


def _point_to(folder: Path, release_id: str) -> None:
    partial = folder / f".{POINTER}.partial"
    _write_through(partial, f"{release_id} {manifest_hash(release_path(folder, release_id))}\n".encode("ascii"))
    partial.replace(folder / POINTER)
    _flush_folder(folder)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def manifest_hash(folder: Path) -> str:
    """Return the SHA-256 of the manifest in a release's own folder, which stands for every byte of the release.

    Raises:
        ReleaseError: there is none that can be read.
    """
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError as error:
        raise ReleaseError(f"{folder}: no readable release ({error.strerror}); restore it, or promote again") from error


def _verified(folder: Path, public_key: Ed25519PublicKey) -> dict[str, bytes]:
    """Read every file of the release once; what is returned is what was checked."""
    contents = {name: (folder / name).read_bytes() for name in _file_names(folder)}
    try:
        public_key.verify(contents[SIGNATURE], contents[MANIFEST])
    except InvalidSignature:
        raise ReleaseError(
            f"{folder}: the signature does not fit the manifest; it was altered or signed with another key: "
            "restore it, promote again, or roll back"
        ) from None
    manifest = _parse_manifest(contents[MANIFEST], folder)
    if set(manifest.files) != {MODEL, CARD}:
        raise ReleaseError(f"{folder / MANIFEST}: lists {sorted(manifest.files)}, expected {CARD} and {MODEL}")
    for name, expected in manifest.files.items():
        if hashlib.sha256(contents[name]).hexdigest() != expected:
            raise ReleaseError(f"{folder / name}: altered since it was signed; restore it, promote again, or roll back")
    return contents


def _file_names(folder: Path) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            plain = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    except OSError as error:
        raise ReleaseError(f"{folder}: no readable release ({error.strerror}); restore it, or promote again") from error
    if folder.is_symlink() or not all(plain.values()):
        raise ReleaseError(f"{folder}: a release is a folder of plain files, without links or folders; restore it")
    if set(plain) != FILES:
        missing, extra = sorted(FILES - set(plain)), sorted(set(plain) - FILES)
        raise ReleaseError(f"{folder}: missing files {missing}, files that do not belong {extra}; restore the release")
    return FILES


def _parse_manifest(raw: bytes, folder: Path) -> Manifest:
    content = from_bytes(raw, name=str(folder / MANIFEST))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else content
        raise ReleaseError(f"{folder}: format {found!r}, this version reads {FORMAT}; promote the model again with it")
    try:
        return Manifest(**content)
    except TypeError as error:
        raise ReleaseError(f"{folder / MANIFEST}: not a manifest ({error}); promote the model again") from error
