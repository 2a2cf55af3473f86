"""May a version be served, and which one is?"""

from datetime import datetime
from pathlib import Path
from typing import Any

from risk_model import registry
from risk_model.evaluation import gate
from risk_model.scoring import release
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import read_specification
from risk_model.workflows.data_files import data_hash, files_of
from risk_model.workflows.scoring import KEYS, RELEASES


def promote(
    reference: str, data: Path, *, approver: str, specification_file: Path, created_at: datetime
) -> dict[str, Any]:
    """Hold a version against the gate; when it passes, publish its release and then move the alias.

    Raises:
        GateRefusedError: naming each failed check; the release in use stays in use.
    """
    name = read_specification(specification_file).name
    stored = registry.fetch(name, reference)
    verdict = gate.judge(
        stored.scored, specification=stored.specification, card=stored.card, data_hash=data_hash(files_of(data))
    )
    registry.store_verdict(name, stored.version, verdict.as_dict(), approver=approver)
    verdict.require()
    release_id = f"{name}-{stored.version}-{created_at:%Y%m%dT%H%M%S}"
    key = load_or_create_keys(KEYS).private
    release.write_release(stored.model, RELEASES, private_key=key, release_id=release_id, created_at=created_at)
    registry.follow_release(name, stored.version, release_id)
    return {
        "version": stored.version,
        "release": release_id,
        "approver": approver,
        "passed": verdict.passed,
        "checks": verdict.as_dict()["checks"],
    }


def roll_back(specification_file: Path) -> dict[str, Any]:
    """Serve the previous release again, and let the alias follow it."""
    name = read_specification(specification_file).name
    restored = release.roll_back(RELEASES, public_key=load_or_create_keys(KEYS).public).name
    registry.follow_release(name, registry.version_of_release(name, restored), restored)
    return {"release": restored}
