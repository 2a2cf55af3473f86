"""How is the release before the present one served again, at once?

Imports nothing that only training or the gate need: a rollback is done in a hurry.
"""

from pathlib import Path
from typing import Any

from risk_model import registry
from risk_model.scoring import release
from risk_model.scoring.signing_keys import load_or_create_keys
from risk_model.specification import read_specification
from risk_model.workflows.data_files import KEYS, RELEASES


def roll_back(specification_file: Path) -> dict[str, Any]:
    """Serve the previous release again, and let the alias follow it."""
    name = read_specification(specification_file).name
    restored = release.roll_back(RELEASES, public_key=load_or_create_keys(KEYS).public).name
    registry.follow_release(name, registry.version_of_release(name, restored), restored)
    return {"release": restored}
