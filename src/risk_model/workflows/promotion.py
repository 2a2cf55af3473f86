"""May a version be served, and which one is?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from risk_model import registry
from risk_model.errors import NotEnoughDataError, ReleaseError
from risk_model.evaluation import card as cards
from risk_model.evaluation import gate
from risk_model.evaluation.verdict import Check, Verdict
from risk_model.scoring import release
from risk_model.scoring.release_turn import PROMOTION, sole_turn
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import Specification, read_specification
from risk_model.workflows.data_files import KEYS, RELEASES, digest_of
from risk_model.workflows.gate_evidence import gather

Progress = Callable[[int, int, str], None]

STEPS = 4


def promote(
    reference: str,
    data: Path,
    *,
    approver: str,
    specification_file: Path,
    created_at: datetime,
    random_state: int = 0,
    progress: Progress = lambda done, total, text: None,
) -> dict[str, Any]:
    """Hold a version against the gate; when it passes, publish its release and then move the alias.

    Args:
        reference: a version number or alias.
        data: the data it was trained on: a data set's folder, or the file of a table.
        approver: who answers for it; not the one who trained it.
        specification_file: the specification in use; the written half of the card stands in `cards/` beside it.
        created_at: the moment of the promotion, with a time zone.
        random_state: seed of what the gate draws.
        progress: called with (done, total, text).

    Raises:
        GateRefusedError: naming each failed check; the release in use stays in use.
        ReleaseError: what is served from here is of another specification.
        ReleaseBusyError: another promotion is under way.
    """
    with sole_turn(RELEASES, PROMOTION):
        return _promote(
            reference,
            data,
            approver=approver,
            specification_file=specification_file,
            created_at=created_at,
            random_state=random_state,
            progress=progress,
        )


def _promote(
    reference: str,
    data: Path,
    *,
    approver: str,
    specification_file: Path,
    created_at: datetime,
    random_state: int,
    progress: Progress,
) -> dict[str, Any]:
    in_use = read_specification(specification_file)
    _require_own_place(in_use.name)
    progress(0, STEPS, "reading the version")
    stored = _fetched(in_use.name, reference, approver)
    written = cards.read_written(cards.card_file(specification_file, in_use.name))
    submission = gate.Submission(
        stored.specification, in_use, stored.card, written, digest_of(data), approver, created_at
    )
    progress(1, STEPS, "making its evidence anew from the data")
    evidence = _evidence(stored, data, submission.data_hash)
    progress(2, STEPS, "judging")
    verdict = gate.judge(submission, evidence, random_state=random_state)
    kept = verdict.as_dict() | {"approver": approver, "judged_at": created_at.isoformat(timespec="seconds")}
    registry.store_verdict(in_use.name, stored.version, kept, approver=approver)
    verdict.require()
    progress(3, STEPS, "publishing the release")
    release_id = _released(stored, written, in_use, verdict=kept, created_at=created_at)
    progress(STEPS, STEPS, "promoted")
    return {
        "version": stored.version,
        "release": release_id,
        "approver": approver,
        "passed": verdict.passed,
        "checks": verdict.as_dict()["checks"],
    }


def _require_own_place(name: str) -> None:
    """Another table's release must not take the place of what a service answers from."""
    try:
        present = release.read_release(release.current_release(RELEASES), public_key=load_or_create_keys(KEYS).public)
    except ReleaseError:
        return  # nothing sound is served from here
    served = present.card.get("specification", name)
    if served != name:
        raise ReleaseError(
            f"{RELEASES} serves {served}; promote {name} from a folder of its own, beside its own {RELEASES.parent}"
        )


def _fetched(name: str, reference: str, approver: str) -> registry.StoredVersion:
    """The version; a file that is not the one registered is a verdict, and it is stored."""
    version = registry.version_number(name, reference)
    try:
        return registry.fetch(name, version)
    except ReleaseError as error:
        verdict = Verdict((Check("artefacts", str(error), "as registered", False),), {})
        registry.store_verdict(name, version, verdict.as_dict(), approver=approver)
        verdict.require()
        raise


def _evidence(stored: registry.StoredVersion, data: Path, digest: str) -> gate.Evidence | None:
    if stored.card.get("data_hash") != digest:
        return None
    champion, why = _champion(stored.specification.name)
    return gather(stored, data, champion, without_champion=why)


def _champion(name: str) -> tuple[registry.StoredVersion | None, str]:
    try:
        return registry.fetch(name, registry.CHAMPION), ""
    except NotEnoughDataError:
        return None, "no champion yet"


def _released(
    stored: registry.StoredVersion,
    written: dict[str, Any],
    specification: Specification,
    *,
    verdict: dict[str, Any],
    created_at: datetime,
) -> str:
    """Publish the release, its card with what people wrote and the gate found, then let the alias follow."""
    release_id = f"{specification.name}-{stored.version}-{created_at:%Y%m%dT%H%M%S}"
    register = cards.plain(written) | {"approver": verdict["approver"]}
    model = replace(stored.model, card={**stored.model.card, "register": register, "gate": verdict})
    key = load_or_create_keys(KEYS).private
    release.write_release(model, RELEASES, private_key=key, release_id=release_id, created_at=created_at)
    registry.follow_release(specification.name, stored.version, release_id)
    return release_id
