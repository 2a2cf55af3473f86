"""Which model may be served?

The release in use, when it is there and nobody touched it. Otherwise the newest other release that is
whole, or the two-line rule on published rates, so that the service always answers; why is said
wherever that is the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from risk_model.data.table_columns import columns
from risk_model.errors import ReleaseError
from risk_model.placements.features import DERIVED
from risk_model.placements.published_rule import KIND, published_rule
from risk_model.scoring.explanations import KeptReasons
from risk_model.scoring.release import (
    POINTER,
    Manifest,
    current_release,
    manifest_hash,
    read_manifest,
    read_release,
    release_path,
    releases,
)
from risk_model.scoring.scorer import CompiledModel
from risk_model.scoring.signing_keys import read_public_key
from risk_model.specification import ALWAYS_BARRED, Specification, read_specification

SIMULATED, REAL = "simulated", "real"


@dataclass(frozen=True)
class Served:
    """The model that answers.

    `reason` says why the release in use does not answer, with the repair, and is None where it does.
    `refused` is true where a release was promoted but may not be used. `manifest_hash` (SHA-256) stands
    for every byte of the release; None for the rule. `switched_off` is true where somebody chose the rule.
    """

    model: CompiledModel
    version: str
    reason: str | None
    refused: bool
    manifest_hash: str | None = None
    switched_off: bool = False

    @property
    def is_published_rule(self) -> bool:
        """Whether the two-line rule on published rates answers."""
        return self.model.kind == KIND

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column that a score of the model follows from."""
        of_terms = (name for term in self.model.terms for name in term.coding.columns_read)
        return tuple(dict.fromkeys((*of_terms, *self.model.support_columns)))

    @cached_property
    def term_names(self) -> tuple[str, ...]:
        """The names of the model's terms, in their order."""
        return tuple(term.name for term in self.model.terms)

    @cached_property
    def kept_reasons(self) -> KeptReasons:
        """Reasons as they were worded before."""
        return KeptReasons(self.model)

    @property
    def data_origin(self) -> str:
        """`simulated` where the model was learnt from simulated data."""
        return worst_origin(str(self.model.card.get("data_origin")))


def worst_origin(*origins: str | None) -> str:
    """Return `simulated` where anything that an answer rests on is simulated."""
    return SIMULATED if SIMULATED in origins else REAL


def served_model(model_dir: Path, public_key: Path, specification: Path) -> Served:
    """Return the release in use below `model_dir`, or what answers in its place with the reason why.

    A release that was altered, or whose terms read what neither a placement nor the specification has, is
    refused; the one that was in use before it goes on answering, else the newest other one that can be used.

    Raises:
        SpecificationError: `specification` cannot be read.
    """
    if not (model_dir / POINTER).exists():
        return rule_served(f"{model_dir}: no release yet; make one with: risk-model promote", refused=False)
    known = read_specification(specification)
    try:
        key = read_public_key(public_key)
    except ReleaseError as error:
        return rule_served(str(error), refused=True)
    found = _usable(model_dir, key, known)
    return found if isinstance(found, Served) else _another(model_dir, key, known, found)


def rule_served(reason: str | None, *, refused: bool, switched_off: bool = False) -> Served:
    """Return the two-line rule on published rates as what answers."""
    rule = published_rule()
    return Served(rule, str(rule.card["model_version"]), reason, refused, switched_off=switched_off)


def model_of_version(model_dir: Path, public_key: Path, version: str, digest: str | None) -> CompiledModel:
    """Return the model that answered as `version`, whose manifest had the SHA-256 `digest` (None: the rule).

    Raises:
        ReleaseError: it is no longer there, was altered, or is another one of that name.
    """
    if digest is None and version == KIND:
        return published_rule()
    place = release_path(model_dir, version)
    model = read_release(place, public_key=read_public_key(public_key))
    if manifest_hash(place) != digest:
        raise ReleaseError(f"{place}: is not the release that answered as {version}; restore that one from the backup")
    return model


def misfit(model: CompiledModel, specification: Specification) -> str | None:
    """Return which term reads a column that neither a placement nor `specification` has; None where all are there."""
    histories = {feature.name for feature in specification.features if feature.history is not None}
    known = set(columns("placements")) - ALWAYS_BARRED - set(specification.barred) | {*DERIVED} | histories
    for term in model.terms:
        for name in term.coding.columns_read:
            if name not in known:
                return f"reads {name!r} (term {term.name}), which is no column of a placement and no feature"
    missing = [name for name in model.support_columns if name not in known]
    return f"reads {missing[0]!r}, which is no column of a placement and no feature" if missing else None


def _usable(model_dir: Path, key: Ed25519PublicKey, known: Specification) -> Served | str:
    """Return the release in use as what answers, or why it may not."""
    try:
        place = current_release(model_dir)
        model = read_release(place, public_key=key)
        fault = misfit(model, known)
        if fault is None:
            return Served(model, place.name, None, refused=False, manifest_hash=manifest_hash(place))
    except ReleaseError as error:
        return str(error)
    return (
        f"release {place.name} {fault} of the specification; promote a version trained with it, "
        "or go back: risk-model rollback"
    )


def _another(model_dir: Path, key: Ed25519PublicKey, known: Specification, reason: str) -> Served:
    """Return the release before the one in use, else the newest other one; the rule where none can be used."""
    in_use = _named_by_pointer(model_dir)
    for name in _candidates(model_dir, key, in_use):
        place = release_path(model_dir, name)
        try:
            model = read_release(place, public_key=key)
        except ReleaseError:
            continue
        if misfit(model, known) is None:
            return Served(model, name, reason, refused=True, manifest_hash=manifest_hash(place))
    return rule_served(reason, refused=True)


def _candidates(model_dir: Path, key: Ed25519PublicKey, in_use: str | None) -> list[str]:
    sound = {}
    for name in releases(model_dir):
        try:
            sound[name] = read_manifest(release_path(model_dir, name), public_key=key)
        except ReleaseError:
            continue
    earlier = [name for name in sound if in_use not in _from_here_back(name, sound)]
    before = sound[in_use].previous if in_use in sound else None
    return sorted(earlier, key=lambda name: (name == before, sound[name].created_at), reverse=True)


def _from_here_back(name: str | None, sound: Mapping[str, Manifest]) -> list[str | None]:
    """A release and those before it: one that came after the release in use was left on purpose."""
    seen: list[str | None] = []
    while name is not None and name not in seen:
        seen.append(name)
        name = sound[name].previous if name in sound else None
    return seen


def _named_by_pointer(model_dir: Path) -> str | None:
    try:
        return (model_dir / POINTER).read_text(encoding="ascii").split()[0]
    except (OSError, ValueError, IndexError):
        return None
