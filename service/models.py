"""Which releases are there, and how is another one, or the two-line rule, put in their place?"""

from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from risk_model.errors import ReleaseBusyError, ReleaseError
from risk_model.scoring import release
from risk_model.scoring.signing_keys import read_public_key
from service.access import Principal
from service.audit_notes import note
from service.instants import naive_utc
from service.payloads.models import Models, ModelState, Release
from service.problems import CONFLICT, ProblemError
from service.running import Running
from service.storage.engine import for_writing
from service.storage.switches import MODEL, OFF, ON, RELEASE, set_switch

GATE: Final = "gate"
"""Where a card holds the verdict of the gate."""
WORD_BYTES: Final = 8


def models_shown(running: Running) -> Models:
    """Return what answers, and every release with its card and the gate's verdict, newest first."""
    folder = running.settings.model_dir
    state = state_shown(running)
    try:
        key = read_public_key(running.settings.public_key)
        found = [_described(folder, name, key, state.release_in_use) for name in release.releases(folder)]
    except ReleaseError as error:
        found = [_faulty(name, str(error), state.release_in_use) for name in release.releases(folder)]
    newest_first = sorted(found, key=lambda one: one.created_at or datetime.min.replace(tzinfo=UTC), reverse=True)
    return Models(**state.model_dump(), releases=tuple(newest_first))


def state_shown(running: Running) -> ModelState:
    """Return which model answers in this process."""
    served = running.serving.look()
    return ModelState(
        model_version=served.version,
        model_kind=served.model.kind,
        switched_off=served.switched_off,
        release_in_use=_in_use(running.settings.model_dir),
        reason=served.reason,
    )


def reload(running: Running, caller: Principal, *, now: datetime) -> ModelState:
    """Let every process read and check the release in use again, within a second; here at once."""
    _set(running, caller, (RELEASE, token_hex(WORD_BYTES)), "model.reload", now)
    return state_shown(running)


def switch(running: Running, caller: Principal, *, on: bool, now: datetime) -> ModelState:
    """Let the model answer, or the two-line rule in its place, in every process within a second; here at once."""
    _set(running, caller, (MODEL, ON if on else OFF), "model.switch_on" if on else "model.switch_off", now)
    return state_shown(running)


def roll_back(running: Running, caller: Principal, leaving: str | None, *, now: datetime) -> ModelState:
    """Serve the release before the one in use again; every process follows within a second, this one at once.

    Raises:
        ProblemError: 409 where another change is under way or was quicker, or there is no sound release before.
    """
    settings = running.settings
    left = leaving or _in_use(settings.model_dir)
    try:
        with for_writing(running.engine).begin() as connection:
            note(connection, running, caller, "model.roll_back", left, now=now)
            release.roll_back(settings.model_dir, public_key=read_public_key(settings.public_key), leaving=left)
    except ReleaseBusyError:
        raise ProblemError(CONFLICT, "release_busy") from None
    except ReleaseError as error:
        raise ProblemError(CONFLICT, "release_fault", reason=str(error)) from None
    return state_shown(running)


def _set(running: Running, caller: Principal, switched: tuple[str, str], action: str, now: datetime) -> None:
    name, value = switched
    with for_writing(running.engine).begin() as connection:
        set_switch(connection, name, value, now=naive_utc(now), by=caller.who)
        note(connection, running, caller, action, None, now=now)


def _in_use(folder: Path) -> str | None:
    try:
        return release.current_release(folder).name
    except ReleaseError:
        return None


def _described(folder: Path, name: str, key: Ed25519PublicKey, in_use: str | None) -> Release:
    place = release.release_path(folder, name)
    try:
        manifest, card = release.read_manifest(place, public_key=key), release.read_release(place, public_key=key).card
    except ReleaseError as error:
        return _faulty(name, str(error), in_use)
    verdict: Any = card.get(GATE)
    return Release(
        release_id=name,
        in_use=name == in_use,
        sound=True,
        fault=None,
        created_at=datetime.fromisoformat(manifest.created_at),
        kind=manifest.kind,
        data_origin=manifest.data_origin,
        previous=manifest.previous,
        card={key: value for key, value in card.items() if key != GATE},
        gate=verdict if isinstance(verdict, dict) else None,
    )


def _faulty(name: str, fault: str, in_use: str | None) -> Release:
    nothing = dict.fromkeys(("created_at", "kind", "data_origin", "previous", "card", GATE))
    return Release(release_id=name, in_use=name == in_use, sound=False, fault=fault, **nothing)
