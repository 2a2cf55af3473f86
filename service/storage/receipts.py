"""Where are receipts kept, and whose are they?"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, func, insert, select

from risk_model.id_letters import in_letters
from service.receipt_tree import STEP, to_sign
from service.tables.keeping import receipt_bundles, receipt_links, receipts
from service.tables.register import placements

BUNDLE_ID_LETTERS: Final = 32
MOST_IN_BUNDLE: Final = 16
"""Receipts that one signature stands for: one letter says which, and each carries four steps at most."""
SEPARATOR: Final = b"\n"
"""Stands between bodies, in which no character below a blank can be."""
QUICKLY: Final = 1
"""Level of zlib: a sixth of the room and quicker than writing all of it; higher levels save little more."""


@dataclass(frozen=True)
class Receipt:
    """One receipt.

    `body` is its exact text; `signature` 128 hexadecimal digits, and where several were signed together the steps to
    what was signed; `made_at` naive UTC. `office` and `owner` say for whom it was made: staff of an office, or a
    system.
    """

    receipt_id: str
    made_at: datetime
    body: str
    signature: str
    office: str | None
    owner: str | None


@dataclass(frozen=True)
class Bundle:
    """Receipts that one signature stands for, all made for the same, with the placement that each is about.

    `signature` is without steps.
    """

    bundle_id: str
    made_at: datetime
    bodies: tuple[bytes, ...]
    signature: str
    office: str | None
    owner: str | None
    placement_ids: tuple[str, ...]


def id_in_bundle(bundle_id: str, place: int) -> str:
    """Return the id of the receipt in a place of a bundle, from 0."""
    return bundle_id + in_letters(f"{place:x}")


def save_bundles(connection: Connection, made: Sequence[Bundle]) -> None:
    """Store receipts, at least one, and beside them, apart, whose they are."""
    rows = [
        {
            "bundle_id": one.bundle_id,
            "made_at": one.made_at,
            "number": len(one.bodies),
            "bodies": zlib.compress(SEPARATOR.join(one.bodies), QUICKLY),
            "signature": one.signature,
            "office": one.office,
            "owner": one.owner,
        }
        for one in made
    ]
    links = [
        {"receipt_id": id_in_bundle(one.bundle_id, place), "placement_id": placement_id}
        for one in made
        for place, placement_id in enumerate(one.placement_ids)
    ]
    connection.execute(insert(receipt_bundles), rows)
    connection.execute(insert(receipt_links), links)


def find_receipt(engine: Engine, receipt_id: str) -> tuple[Receipt, dict[str, Any] | None] | None:
    """Return a receipt with the placement it is about, as the register knows it; None where there is no such receipt.

    The placement is None where the register does not have it, or the link was cut.
    """
    about = (
        select(placements)
        .join(receipt_links, receipt_links.c.placement_id == placements.c.placement_id)
        .where(receipt_links.c.receipt_id == receipt_id)
    )
    with engine.connect() as connection:
        found = _in_bundle(connection, receipt_id) or _alone(connection, receipt_id)
        if found is None:
            return None
        placement = connection.execute(about).mappings().one_or_none()
    return found, dict(placement) if placement else None


def ids_of_bundle(bundle_id: str, number: int) -> list[str]:
    """Return the ids of all receipts of a bundle."""
    return [id_in_bundle(bundle_id, place) for place in range(number)]


def bundle_of_link() -> ColumnElement[str]:
    """Return the bundle that the receipt of a link is in; of one that was signed alone, its own id."""
    return func.substr(receipt_links.c.receipt_id, 1, BUNDLE_ID_LETTERS)


def _in_bundle(connection: Connection, receipt_id: str) -> Receipt | None:
    query = select(receipt_bundles).where(receipt_bundles.c.bundle_id == receipt_id[:BUNDLE_ID_LETTERS])
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    ids = ids_of_bundle(row["bundle_id"], row["number"])
    return _unpacked(row, receipt_id, ids.index(receipt_id)) if receipt_id in ids else None


def _unpacked(row: RowMapping, receipt_id: str, place: int) -> Receipt:
    bodies = zlib.decompress(row["bodies"]).split(SEPARATOR)
    signature = STEP.join([row["signature"], *to_sign(bodies)[1][place]])
    return Receipt(receipt_id, row["made_at"], bodies[place].decode(), signature, row["office"], row["owner"])


def _alone(connection: Connection, receipt_id: str) -> Receipt | None:
    found = connection.execute(select(receipts).where(receipts.c.receipt_id == receipt_id)).mappings().one_or_none()
    return Receipt(**found) if found is not None else None
