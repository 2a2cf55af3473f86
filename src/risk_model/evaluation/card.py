"""Is a model's card complete, and did somebody else than its trainer approve it?

Half of the card is made in training; the other half only people can write. It stands in
`models/cards/NAME.yaml` beside the specification and becomes the entry of the public register.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from risk_model.errors import SpecificationError
from risk_model.evaluation.verdict import Check, none_of

MADE_IN_TRAINING: Final = (
    "specification",
    "data_hash",
    "data_origin",
    "learned_from",
    "trained_by",
    "trained_at",
    "as_of",
    "code_version",
    "tests",
)
WRITTEN: Final = ("owner", "contact", "purpose", "not_for", "data", "human_role", "risks", "correction")
"""What the register of algorithms asks for (safeguard R23) and what the model must not be used for (R03)."""
LABEL, CONSULTATION, ASSESSMENT = "label_choice", "consultation", "impact_assessment"
FEWEST_ALTERNATIVES: Final = 2
OLDEST_ASSESSMENT_DAYS: Final = 366
NOT_YET: Final = "not yet held"
"""Allowed for consultation and impact assessment while all data are simulated, and shown as such."""
SHORTEST_NAME: Final = 2


def card_file(specification_file: Path, name: str) -> Path:
    """Return where the written half of the card of specification `name` stands."""
    return specification_file.parent / "cards" / f"{name}.yaml"


def read_written(file: Path) -> dict[str, Any]:
    """Return what people wrote; nothing where there is no file.

    Raises:
        SpecificationError: when the file is no YAML mapping.
    """
    if not file.is_file():
        return {}
    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecificationError(f"{file}: not readable as YAML: {error}") from error
    if not isinstance(written, dict):
        raise SpecificationError(f"{file}: a card is a mapping of fields: {', '.join(WRITTEN)}, …")
    return written


def complete(made: Mapping[str, Any], written: Mapping[str, Any], *, today: date) -> list[Check]:
    """Return the checks that every field of the card is filled, and what is still to be held.

    Args:
        made: the half made in training.
        written: the half people wrote.
        today: the day of the promotion; an impact assessment must not be older than a year.
    """
    simulated = made.get("data_origin") == "simulated"
    missing = [name for name in MADE_IN_TRAINING if not made.get(name)]
    missing += [name for name in WRITTEN if not _text(written.get(name))]
    missing += _label_faults(_mapping(written, LABEL))
    pending = []
    for name in (CONSULTATION, ASSESSMENT):
        part = _mapping(written, name)
        held = part.get("held_on")
        if _text(held).casefold() == NOT_YET and simulated:
            pending.append(f"{name} {NOT_YET}")
        elif not isinstance(held, date):
            missing.append(f"{name}.held_on" + ("" if simulated else f" (a date: {NOT_YET!r} is for simulated data)"))
        elif held > today or (name == ASSESSMENT and (today - held).days > OLDEST_ASSESSMENT_DAYS):
            missing.append(f"{name}.held_on within the last year" if held <= today else f"{name}.held_on in the past")
        missing += [f"{name}.{field}" for field in ("by", "outcome") if not _text(part.get(field))]
    if not _text(_mapping(written, CONSULTATION).get("dissent")):
        missing.append(f"{CONSULTATION}.dissent")
    return [
        none_of("card fields missing", [*missing[:-1], missing[-1] + _repair(made)] if missing else []),
        Check("still to be held", "; ".join(pending) or "nothing", "nothing, or data are simulated", True),
    ]


def _repair(made: Mapping[str, Any]) -> str:
    name = made.get("specification") or "NAME"
    return f"; write them into cards/{name}.yaml beside the specification (docs/gate.md has an empty card)"


def independent(approver: str, trained_by: str) -> list[Check]:
    """Return the checks that `approver` is a named person and not the one who trained the version.

    Names are compared without case, spaces, accents, punctuation and the domain of an address; letters of
    other scripts, which can look the same, are refused.
    """
    letters = [letter for letter in unicodedata.normalize("NFKC", approver) if letter.isalpha()]
    foreign = any(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    named = len(letters) >= SHORTEST_NAME and not foreign
    same = bool(_names(approver) & _names(trained_by)) or not _names(trained_by)
    return [
        Check("approver", approver.strip() or "nobody", "a name in Latin letters", named),
        Check("approved by", "the trainer" if same else "somebody else", "somebody else than the trainer", not same),
    ]


def _names(person: str) -> set[str]:
    """The forms under which two spellings of one person meet."""
    plain = unicodedata.normalize("NFKD", person).casefold()
    forms = (plain, plain.partition("@")[0], plain.rpartition("\\")[2])
    return {form for form in (re.sub(r"[^a-z0-9]", "", form) for form in forms) if form}


def _label_faults(label: Mapping[str, Any]) -> list[str]:
    faults = [f"{LABEL}.{name}" for name in ("chosen", "reason") if not _text(label.get(name))]
    alternatives = label.get("alternatives")
    told = [
        part
        for part in (alternatives if isinstance(alternatives, list) else [])
        if isinstance(part, Mapping) and _text(part.get("label")) and _text(part.get("group_impact"))
    ]
    if len(told) < FEWEST_ALTERNATIVES:
        faults.append(f"{LABEL}.alternatives ({FEWEST_ALTERNATIVES} with label and group_impact)")
    return faults


def _mapping(written: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = written.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def plain(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people wrote with dates as text, as a release's card holds it."""
    return {str(key): _plain(value) for key, value in written.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
