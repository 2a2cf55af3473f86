"""From what exactly was a score made, and can anybody check that later?

A receipt is a text (canonical JSON: sorted keys, numbers as the shortest text that gives the same bits)
with every input the model read, its terms and numbers, and the version that made them, signed with
the service's own Ed25519 key. It names no person and no placement; the link stands in another table,
where it can be cut. Agencies and employers stay, as values of the terms that read them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from risk_model.errors import ReleaseError
from risk_model.id_letters import in_letters
from risk_model.scoring.scorer import Score, score_row
from service.access import PLACEMENT_SYSTEM, Principal, offices_seen, sees_placement
from service.answering import in_utc
from service.champion import model_of_version, worst_origin
from service.instants import naive_utc
from service.live_scoring import LiveScoring, Scored
from service.new_ids import random_id
from service.payloads.receipts import Numbers, ReceiptOut, Replay, Verified
from service.problems import CONFLICT, NOT_FOUND, UNPROCESSABLE, ProblemError
from service.running import Running
from service.settings import Settings
from service.storage.receipts import Receipt, find_receipt

FORMAT: Final = 1
"""Changes whenever an older reader would misread a newer receipt."""
CHANCE_BYTES: Final = 10
CANONICAL: Final = msgspec.json.Encoder(order="sorted")
NUMBERS: Final = ("risk", "low", "high", "band", "supported")


@dataclass(frozen=True)
class ToSign:
    """One score with whose it is and where its input came from."""

    placement_id: str
    scored: Scored
    data_origin: str


def sign_receipts(
    running: Running, caller: Principal, scoring: LiveScoring, made: Sequence[ToSign], *, as_of: datetime, now: datetime
) -> list[Receipt]:
    """Sign the receipts of scores; they hold once they are on disk."""
    key = running.receipt_keys.private
    owner = caller.owner if caller.role == PLACEMENT_SYSTEM else None
    at = naive_utc(now)
    signed = []
    for one in made:
        receipt_id = new_receipt_id(now)
        body = _body(receipt_id, one, scoring, as_of=as_of, now=now)
        signature = key.sign(body.encode()).hex()
        signed.append(Receipt(receipt_id, at, body, signature, caller.office, owner, one.placement_id))
    return signed


def new_receipt_id(now: datetime) -> str:
    """Return a number for a receipt: milliseconds, so that databases add at the end of their index, and chance."""
    return in_letters(f"{int(now.timestamp() * 1000):012x}") + random_id(CHANCE_BYTES)


def canonical(content: Mapping[str, Any]) -> str:
    """Return `content` as the one text that is signed.

    >>> canonical({"b": 0.1, "a": None})
    '{"a":null,"b":0.1}'
    """
    return CANONICAL.encode(content).decode()


def receipt_shown(running: Running, caller: Principal, receipt_id: str) -> ReceiptOut:
    """Return a receipt.

    Raises:
        ProblemError: 404 where the caller sees no such receipt.
    """
    found = _seen(running, caller, receipt_id)
    key = running.receipt_keys.signer(found.body, found.signature) or running.receipt_keys.public
    return ReceiptOut(
        receipt_id=found.receipt_id,
        made_at=in_utc(found.made_at),
        body=found.body,
        signature=found.signature,
        public_key=key.public_bytes_raw().hex(),
    )


def verified(running: Running, body: str, signature: str) -> Verified:
    """Return whether a receipt is one of this service's, unaltered."""
    if running.receipt_keys.signer(body, signature) is None:
        return Verified(valid=False, receipt_id=None, stored=False)
    receipt_id = str(json.loads(body)["receipt_id"])
    return Verified(valid=True, receipt_id=receipt_id, stored=find_receipt(running.engine, receipt_id) is not None)


def replay_shown(running: Running, caller: Principal, receipt_id: str) -> Replay:
    """Work a score out anew from its receipt.

    Raises:
        ProblemError: 404 where the caller sees no such receipt, 422 where it was altered, 409 where the release
            of its version is not there.
    """
    found = _seen(running, caller, receipt_id)
    if running.receipt_keys.signer(found.body, found.signature) is None:
        raise ProblemError(UNPROCESSABLE, "receipt_altered", name=receipt_id)
    try:
        return replay(running.settings, found.body)
    except ReleaseError:
        version = json.loads(found.body)["model"]["version"]
        raise ProblemError(CONFLICT, "release_gone", name=version) from None


def replay(settings: Settings, body: str) -> Replay:
    """Work the score of a receipt whose signature was checked out anew, from its own inputs.

    Raises:
        ReleaseError: the release of its version is no longer there, or was altered.
    """
    told = json.loads(body)
    version = told["model"]["version"]
    model = model_of_version(settings.model_dir, settings.public_key, version, told["model"]["manifest_sha256"])
    score = score_row(model, told["inputs"] | told["histories"])
    numbers = {name: getattr(score, name) for name in NUMBERS}
    terms = _terms([term.name for term in model.terms], score)
    differing = [name for name in NUMBERS if numbers[name] != told["score"][name]]
    differing += [name for name in sorted({*terms, *told["terms"]}) if terms.get(name) != told["terms"].get(name)]
    differing += ["intercept"] if model.intercept != told["intercept"] else []
    return Replay(
        receipt_id=told["receipt_id"],
        equal=not differing,
        differing=tuple(differing),
        model_version=version,
        recorded=Numbers(**told["score"]),
        replayed=Numbers(**numbers),
    )


def _body(receipt_id: str, one: ToSign, scoring: LiveScoring, *, as_of: datetime, now: datetime) -> str:
    """Return the canonical text of one receipt."""
    served, score, known_until = scoring.served, one.scored.score, scoring.histories.as_of
    counted = scoring.histories.snapshot.values
    inputs = one.scored.inputs
    content = {
        "format": FORMAT,
        "receipt_id": receipt_id,
        "made_at": now.astimezone(UTC).isoformat(),
        "as_of": as_of.astimezone(UTC).isoformat(),
        "histories_as_of": known_until.isoformat() if known_until else None,
        "inputs": {name: value for name, value in inputs.items() if name not in counted},
        "histories": {name: value for name, value in inputs.items() if name in counted},
        "model": {"version": served.version, "kind": served.model.kind, "manifest_sha256": served.manifest_hash},
        "intercept": served.model.intercept,
        "score": {name: getattr(score, name) for name in NUMBERS},
        "terms": _terms([term.name for term in served.model.terms], score),
        "stage": one.scored.stage,
        "reasons": [
            {"feature": reason.feature, "value": reason.value, "weight": reason.contribution}
            for reason in one.scored.reasons
        ],
        "data_origin": worst_origin(one.data_origin, scoring.histories.data_origin, served.data_origin),
    }
    return canonical(content)


def _terms(names: Sequence[str], score: Score) -> dict[str, float]:
    return dict(zip(names, score.contributions, strict=True))


def _seen(running: Running, caller: Principal, receipt_id: str) -> Receipt:
    """A receipt exists for whom it was made for, and for staff that see the placement it is about."""
    found = find_receipt(running.engine, receipt_id)
    if found is not None:
        receipt, placement = found
        if caller.role == PLACEMENT_SYSTEM:
            exists = receipt.owner is not None and receipt.owner == caller.owner
        else:
            offices = offices_seen(caller, running.offices)
            about = placement is not None and sees_placement(caller, running.offices, placement)
            exists = offices is None or receipt.office in offices or about
        if exists:
            return receipt
    raise ProblemError(NOT_FOUND, "no_such_receipt", name=receipt_id)
