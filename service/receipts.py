"""Is a receipt still what was signed, and does its score come out the same again?"""

import json
from collections.abc import Sequence

from risk_model.errors import ReleaseError
from risk_model.scoring.scorer import Score, score_row
from service.access import PLACEMENT_SYSTEM, Principal, offices_seen, sees_placement
from service.answering import in_utc
from service.champion import model_of_version
from service.payloads.receipts import Numbers, ReceiptOut, Replay, Verified
from service.problems import CONFLICT, NOT_FOUND, UNPROCESSABLE, ProblemError
from service.receipt_signing import NUMBERS
from service.running import Running
from service.settings import Settings
from service.storage.receipts import Receipt, find_receipt


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
