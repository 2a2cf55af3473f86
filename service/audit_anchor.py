"""Up to where is the audit log known from outside the database?

A file beside the key holds the head of the log as it was at the last backup, stop or check. A
database that was put back to an earlier state does not reach it any more.
"""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from risk_model.errors import InputError
from service.storage.audit_check import Anchor, Verdict, check, read_head
from service.storage.engine import one_state

ANCHOR_FILE: Final = "audit_anchor"


def anchor_path(audit_key: Path) -> Path:
    """Return where the anchor of the log stands that is sealed with the key in `audit_key`."""
    return audit_key.with_name(ANCHOR_FILE)


def read_anchor(path: Path) -> Anchor | None:
    """Return the anchor in `path`, None where there is none yet.

    Raises:
        InputError: the file holds no anchor.
    """
    try:
        return Anchor(**json.loads(path.read_text(encoding="ascii")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: no anchor of the audit log ({error}); restore it from the backup") from error


def write_anchor(path: Path, head: Anchor) -> None:
    """Keep `head`, whole or not at all, unless a later one is kept already."""
    kept = read_anchor(path)
    if kept is not None and kept.seq >= head.seq:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with part.open("w", encoding="ascii") as file:
        json.dump(asdict(head), file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def set_anchor_aside(path: Path) -> None:
    """Keep the anchor under another name, because the log was put back to an earlier state on purpose."""
    kept = read_anchor(path)
    if kept is not None:
        path.replace(path.with_name(f"{path.name}.{kept.seq}"))


def drop_anchor(engine: Engine, path: Path) -> None:
    """Keep the head of the log as it stands now; nothing where nothing was ever written."""
    with engine.connect() as connection:
        head = read_head(connection)
    if head is not None:
        write_anchor(path, head)


def drop_anchor_if_possible(engine: Engine, path: Path) -> None:
    """Do the same for a service that stops, which nothing may keep from stopping."""
    with suppress(SQLAlchemyError, InputError, OSError):
        drop_anchor(engine, path)


def verify(engine: Engine, *, key: bytes, path: Path) -> Verdict:
    """Check the whole log against key and anchor; a log that is whole becomes the new anchor.

    Raises:
        InputError: the anchor cannot be read.
    """
    anchor = read_anchor(path)
    with one_state(engine) as connection:
        verdict, head = check(connection, key=key, anchor=anchor), read_head(connection)
    if verdict.is_whole and head is not None:
        write_anchor(path, head)
    return verdict
