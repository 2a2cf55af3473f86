"""Which model is served?

The release in use, when it is there and nobody touched it. Otherwise the two-line rule on published
rates, so that the service always answers, and the reason is said wherever the rule is used.
"""

from dataclasses import dataclass
from pathlib import Path

from risk_model.errors import ReleaseError
from risk_model.placements.published_rule import KIND, published_rule
from risk_model.scoring.release import current_release, read_manifest, read_release
from risk_model.scoring.scorer import CompiledModel
from risk_model.scoring.signing_keys import read_public_key

SIMULATED, REAL = "simulated", "real"


@dataclass(frozen=True)
class Served:
    """The model that answers.

    `reason` says why no release answers, with the repair, and is None where one does. `refused` is
    true where a release was promoted but may not be used.
    """

    model: CompiledModel
    version: str
    reason: str | None
    refused: bool

    @property
    def is_published_rule(self) -> bool:
        """Whether the two-line rule on published rates answers."""
        return self.model.kind == KIND

    @property
    def data_origin(self) -> str:
        """`simulated` where the model was learnt from simulated data."""
        return worst_origin(str(self.model.card.get("data_origin")))


def worst_origin(*origins: str | None) -> str:
    """Return `simulated` where anything that an answer rests on is simulated."""
    return SIMULATED if SIMULATED in origins else REAL


def served_model(model_dir: Path, public_key: Path) -> Served:
    """Return the release in use below `model_dir`, or the rule with the reason why."""
    if not (model_dir / "current").exists():
        return _rule(f"{model_dir}: no release yet; make one with: risk-model promote", refused=False)
    try:
        key = read_public_key(public_key)
        release = current_release(model_dir)
        version = read_manifest(release, public_key=key).release_id
        return Served(read_release(release, public_key=key), version, None, refused=False)
    except ReleaseError as error:
        return _rule(str(error), refused=True)


def _rule(reason: str, *, refused: bool) -> Served:
    rule = published_rule()
    return Served(rule, str(rule.card["model_version"]), reason, refused)
