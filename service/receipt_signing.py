"""From what exactly was a score made, as a text that is signed?

A receipt is a text (canonical JSON: sorted keys, numbers as the shortest text that gives the same bits)
with every input the model read, its terms and numbers, and the version that made them. One signature of
the service's own Ed25519 key stands for all that are made at once. It names no person and no placement; the
link stands in another table, where it can be cut. Agencies and employers stay, as values of the terms that
read them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from risk_model.id_letters import in_letters
from service.asked import Asked
from service.champion import worst_origin
from service.instants import naive_utc
from service.live_scoring import Scored
from service.new_ids import random_id
from service.receipt_tree import STEP, to_sign
from service.storage.receipts import MOST_IN_BUNDLE, Bundle, id_in_bundle

FORMAT: Final = 1
"""Changes whenever an older reader would misread a newer receipt."""
CHANCE_BYTES: Final = 10
CANONICAL: Final = msgspec.json.Encoder(order="sorted")
NUMBERS: Final = ("risk", "low", "high", "band", "supported")


@dataclass(frozen=True)
class ToSign:
    """One score: who asked for it, of which placement, and where the row came from."""

    asked: Asked
    placement_id: str
    scored: Scored
    data_origin: str


@dataclass(frozen=True)
class Signed:
    """The receipt of one score: its id, and its signature with the steps to what was signed."""

    receipt_id: str
    signature: str


def sign_together(key: Ed25519PrivateKey, made: Sequence[ToSign]) -> tuple[list[Signed], list[Bundle]]:
    """Return the receipt of each score, and the bundles that have to be on disk before anybody sees one of them."""
    places: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for place, one in enumerate(made):
        places[one.asked.made_for].append(place)
    said = {asked: _said_of_all(asked) for asked in {one.asked for one in made}}
    signed: dict[int, Signed] = {}
    bundles = []
    for of_one in places.values():
        for start in range(0, len(of_one), MOST_IN_BUNDLE):
            part = of_one[start : start + MOST_IN_BUNDLE]
            of_part, bundle = _bundle(key, [made[place] for place in part], said)
            signed |= zip(part, of_part, strict=True)
            bundles.append(bundle)
    return [signed[place] for place in range(len(made))], bundles


def new_bundle_id(now: datetime) -> str:
    """Return a number for a bundle: milliseconds, so that databases add at the end of their index, and chance."""
    return in_letters(f"{int(now.timestamp() * 1000):012x}") + random_id(CHANCE_BYTES)


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return `content` as the one text that is signed.

    >>> canonical({"b": 0.1, "a": None})
    b'{"a":null,"b":0.1}'
    """
    return CANONICAL.encode(content)


def _bundle(
    key: Ed25519PrivateKey, made: Sequence[ToSign], said: Mapping[Asked, dict[str, Any]]
) -> tuple[list[Signed], Bundle]:
    now = made[0].asked.now
    bundle_id = new_bundle_id(now)
    ids = [id_in_bundle(bundle_id, place) for place in range(len(made))]
    bodies = [
        canonical(said[one.asked] | _said_of_one(receipt_id, one)) for receipt_id, one in zip(ids, made, strict=True)
    ]
    signed, ways = to_sign(bodies)
    signature = key.sign(signed).hex()
    office, owner = made[0].asked.made_for
    about = tuple([one.placement_id for one in made])
    bundle = Bundle(bundle_id, naive_utc(now), tuple(bodies), signature, office, owner, about)
    receipts = [Signed(receipt_id, STEP.join((signature, *way))) for receipt_id, way in zip(ids, ways, strict=True)]
    return receipts, bundle


def _said_of_all(asked: Asked) -> dict[str, Any]:
    """Return what every receipt says of the scores that were asked for together."""
    served, known_until = asked.scoring.served, asked.scoring.histories.as_of
    return {
        "format": FORMAT,
        "made_at": asked.now.astimezone(UTC).isoformat(),
        "as_of": asked.as_of.astimezone(UTC).isoformat(),
        "histories_as_of": known_until.isoformat() if known_until else None,
        "model": {"version": served.version, "kind": served.model.kind, "manifest_sha256": served.manifest_hash},
        "intercept": served.model.intercept,
    }


def _said_of_one(receipt_id: str, one: ToSign) -> dict[str, Any]:
    scoring, score, inputs = one.asked.scoring, one.scored.score, one.scored.inputs
    served = scoring.served
    of_row, counted = scoring.columns_by_source
    return {
        "receipt_id": receipt_id,
        "inputs": {name: inputs[name] for name in of_row},
        "histories": {name: inputs[name] for name in counted},
        "score": {name: getattr(score, name) for name in NUMBERS},
        "terms": dict(zip(served.term_names, score.contributions, strict=True)),
        "stage": one.scored.stage,
        "reasons": [
            {"feature": reason.feature, "value": reason.value, "weight": reason.contribution}
            for reason in one.scored.reasons
        ],
        "data_origin": worst_origin(one.data_origin, scoring.histories.data_origin, served.data_origin),
    }
