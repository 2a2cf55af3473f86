"""Which model is served?

The release in use, when it is there and nobody touched it. Otherwise the two-line rule on published
rates, so that the service always answers, and the reason is said wherever the rule is used.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from risk_model.data.schema import columns
from risk_model.errors import ReleaseError
from risk_model.placements.features import DERIVED
from risk_model.placements.published_rule import KIND, published_rule
from risk_model.scoring.release import current_release, read_manifest, read_release
from risk_model.scoring.scorer import CompiledModel, Term
from risk_model.scoring.signing_keys import read_public_key
from risk_model.specification import ALWAYS_BARRED, Specification, read_specification

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


def served_model(model_dir: Path, public_key: Path, specification: Path) -> Served:
    """Return the release in use below `model_dir`, or the rule with the reason why.

    A release whose terms read what neither a placement nor the specification has is refused; the one before it
    goes on answering where it can be used.

    Raises:
        SpecificationError: `specification` cannot be read.
    """
    if not (model_dir / "current").exists():
        return _rule(f"{model_dir}: no release yet; make one with: risk-model promote", refused=False)
    try:
        key = read_public_key(public_key)
        release = current_release(model_dir)
        manifest, model = read_manifest(release, public_key=key), read_release(release, public_key=key)
    except ReleaseError as error:
        return _rule(str(error), refused=True)
    known = read_specification(specification)
    fault = misfit(model, known)
    if fault is None:
        return Served(model, manifest.release_id, None, refused=False)
    reason = f"release {manifest.release_id} {fault} of {specification}; promote a version trained with it, or go back"
    return _the_one_before(release.parent, manifest.previous, key, known, f"{reason}: risk-model rollback")


def misfit(model: CompiledModel, specification: Specification) -> str | None:
    """Return which term reads a column that neither a placement nor `specification` has; None where all are there."""
    histories = {feature.name for feature in specification.features if feature.history is not None}
    known = set(columns("placements")) - ALWAYS_BARRED - set(specification.barred) | {*DERIVED} | histories
    for term in model.terms:
        for name in columns_read(term):
            if name not in known:
                return f"reads {name!r} (term {term.name}), which is no column of a placement and no feature"
    missing = [name for name in model.support_columns if name not in known]
    return f"reads {missing[0]!r}, which is no column of a placement and no feature" if missing else None


def columns_read(term: Term) -> tuple[str, ...]:
    """Return the columns one term reads."""
    coding = term.coding
    more = (name for level in coding.levels for name in level.columns)
    return tuple(dict.fromkeys((*coding.columns, *more, *filter(None, [coding.counts_if]))))


def _the_one_before(
    releases: Path, previous: str | None, key: Ed25519PublicKey, specification: Specification, reason: str
) -> Served:
    if previous is not None:
        try:
            model = read_release(releases / previous, public_key=key)
            if misfit(model, specification) is None:
                return Served(model, previous, reason, refused=True)
        except ReleaseError as error:
            return _rule(f"{reason}; the one before it: {error}", refused=True)
    return _rule(reason, refused=True)


def _rule(reason: str, *, refused: bool) -> Served:
    rule = published_rule()
    return Served(rule, str(rule.card["model_version"]), reason, refused)
