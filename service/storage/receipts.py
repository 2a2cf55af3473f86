"""Where are receipts kept, and whose are they?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from service.tables.keeping import receipt_links, receipts
from service.tables.register import placements


@dataclass(frozen=True)
class Receipt:
    """One receipt as it is stored, with whose score it is.

    `body` is the exact text that `signature` (128 hexadecimal digits) was made over; `made_at` naive UTC.
    `office` and `owner` say for whom it was made, where that was staff of an office, or a system.
    """

    receipt_id: str
    made_at: datetime
    body: str
    signature: str
    office: str | None
    owner: str | None
    placement_id: str | None


def save_receipts(connection: Connection, made: Sequence[Receipt]) -> None:
    """Store receipts, at least one, and beside them, apart, whose they are."""
    names = [column.name for column in receipts.c]
    connection.execute(insert(receipts), [{name: getattr(one, name) for name in names} for one in made])
    links = [
        {"receipt_id": one.receipt_id, "placement_id": one.placement_id} for one in made if one.placement_id is not None
    ]
    if links:
        connection.execute(insert(receipt_links), links)


def find_receipt(engine: Engine, receipt_id: str) -> tuple[Receipt, dict[str, Any] | None] | None:
    """Return a receipt with the placement it is about, as the register knows it; None where there is no such receipt.

    The placement is None where the register does not have it, or the link was cut.
    """
    query = (
        select(receipts, receipt_links.c.placement_id)
        .join(receipt_links, receipt_links.c.receipt_id == receipts.c.receipt_id, isouter=True)
        .where(receipts.c.receipt_id == receipt_id)
    )
    with engine.connect() as connection:
        found = connection.execute(query).mappings().one_or_none()
        if found is None:
            return None
        known = select(placements).where(placements.c.placement_id == found["placement_id"])
        placement = connection.execute(known).mappings().one_or_none()
    return Receipt(**found), dict(placement) if placement else None
