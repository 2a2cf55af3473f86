"""What becomes of a file that somebody uploads?

It is read as the command line reads office files; every row is accounted for, and what it says is
registered or told as by the API.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import pandas as pd
from sqlalchemy import Table

from risk_model.data.ingest import read_exports
from risk_model.data.states import VERIFIED
from risk_model.scoring.coding import not_recorded
from service.access import Principal, may_verify
from service.applying import apply_events, register_placements
from service.instants import naive_utc
from service.payloads.placements import Reject, Uploaded
from service.running import Running
from service.tables.happenings import events, placement_versions

MAPPINGS: Final = ("siskop2mi", "complaints", "verifications")
"""What may be uploaded: placements as offices export them, complaints, and verifications of certificates."""
KINDS: Final = (".csv", ".xlsx", ".parquet")
BLOCK: Final = 1 << 20
NO_SOURCE: Final = "upload"
NOT_VERIFIED: Final = {
    "column": "certification_verified",
    "found": "true",
    "rule": "a certificate is confirmed by a key with the scope verify",
    "suggestion": "leave it blank, or ask an administrator for such a key",
}
NOT_YOURS: Final = {
    "column": "placement_id",
    "found": "",
    "rule": "registered by another system, or by an import",
    "suggestion": "let the system that registered it send it",
}
IN_THE_FUTURE: Final = {
    "column": "occurred_at",
    "found": "",
    "rule": "lies in the future",
    "suggestion": "send it once it has happened",
}
NOT_TOLD: Final = frozenset({"version_id", "registered_by", "import_id", "recorded_at", "seq", "told_by", "data"})


@dataclass(frozen=True)
class Upload:
    """A file that was sent, and how it is to be read (one of MAPPINGS); of its name only the kind counts."""

    content: BinaryIO
    name: str
    mapping: str


def import_upload(running: Running, upload: Upload, *, caller: Principal, now: datetime) -> Uploaded:
    """Register or tell what the file says: all rows that are in order or, on an error, none.

    Raises:
        InputError: the file cannot be read, or is none that the mapping fits.
    """
    name = f"upload{Path(upload.name).suffix.lower()}"
    with tempfile.TemporaryDirectory(prefix="risk-upload-") as folder:
        file = Path(folder) / name
        with file.open("wb") as kept:
            while block := upload.content.read(BLOCK):
                kept.write(block)
        result = read_exports([file], mapping=upload.mapping, key=running.worker_key)
    store = _registered if result.table == "placements" else _told
    stored = store(running, result.frame, caller, now)
    read, unreadable = result.summary["read"], result.summary["rejected"]
    rejects = [Reject.model_validate(row) for row in result.rejects.to_dict("records")]
    refused = [Reject(file=name, row=None, placement_id=which, **why) for which, why in stored.refused]
    accepted = read - unreadable - len(refused)
    return Uploaded(
        table=result.table,
        read=read,
        accepted=accepted,
        rejected=unreadable + len(refused),
        stored=stored.new,
        repeated=accepted - stored.new,
        waiting=stored.waiting,
        rejects=tuple(rejects + refused),
        sheets_not_read=tuple(result.summary["sheets_not_read"]),
    )


@dataclass(frozen=True)
class _Stored:
    """How many rows said something new, how many events wait, and which rows this caller may not tell, and why."""

    new: int
    waiting: int
    refused: Sequence[tuple[str, Mapping[str, str]]]


def _registered(running: Running, frame: pd.DataFrame, caller: Principal, now: datetime) -> _Stored:
    newest = frame.sort_values("recorded_at", kind="stable").drop_duplicates("placement_id", keep="last")
    verified = newest["certification_verified"].fillna(False) & (not may_verify(caller))
    told = newest[~verified]
    rows = [{**_blank(), **row} for row in _rows(told, placement_versions)]
    known = told[["placement_id", "worker_ref"]].dropna()
    workers = dict(zip(known["placement_id"], known["worker_ref"], strict=True))
    done = register_placements(running, rows, now, caller=caller, workers=workers)
    refused = [(str(which), NOT_VERIFIED) for which in newest.loc[verified, "placement_id"]]
    return _Stored(done.versions, 0, [*refused, *((which, NOT_YOURS) for which in sorted(done.refused))])


def _told(running: Running, frame: pd.DataFrame, caller: Principal, now: datetime) -> _Stored:
    unverified = (frame["type"] == VERIFIED) & (not may_verify(caller))
    late = frame["occurred_at"].fillna(frame["recorded_at"]) > pd.Timestamp(naive_utc(now))
    told = frame[~unverified & ~late]
    told = told.assign(
        source=told["source"].fillna(NO_SOURCE), occurred_at=told["occurred_at"].fillna(told["recorded_at"])
    )
    applied = apply_events(running, [{**row, "data": None} for row in _rows(told, events)], now, caller=caller)
    refused = [(str(which), NOT_VERIFIED) for which in frame.loc[unverified & ~late, "placement_id"]]
    to_come = [(str(which), IN_THE_FUTURE) for which in frame.loc[late, "placement_id"]]
    return _Stored(applied.accepted, applied.waiting, [*refused, *to_come])


def _blank() -> dict[str, Any]:
    return dict.fromkeys(_names(placement_versions))


def _names(table: Table) -> list[str]:
    return [column.name for column in table.c if column.name not in NOT_TOLD]


def _rows(frame: pd.DataFrame, table: Table) -> list[dict[str, Any]]:
    """Return the rows with the columns of `table`, as plain Python values."""
    dates = {column.name for column in table.c if str(column.type) == "DATE"}
    names = [name for name in _names(table) if name in frame]
    return [
        {str(name): _plain(value, as_date=name in dates) for name, value in row.items()}
        for row in frame[names].to_dict("records")
    ]


def _plain(value: Any, *, as_date: bool) -> Any:
    if not_recorded(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date() if as_date else value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value
