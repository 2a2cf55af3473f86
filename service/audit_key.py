"""Which key seals the audit log?

A file outside the database, readable by its owner alone: whoever can edit the database cannot seal
what they made of it.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from risk_model.errors import InputError

NAME: Final = "RISK_AUDIT_KEY_FILE"
KEY_BYTES: Final = 32
OWNER_ONLY: Final = 0o600


def load_or_create_audit_key(path: Path) -> bytes:
    """Return the key in the file `path`, made on first use by whichever worker comes first.

    Raises:
        InputError: the file cannot be read or made, or holds no key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise InputError(f"{NAME} is {path}: {error}; name a file that this user may read and make") from error
    if len(key) < KEY_BYTES:
        raise InputError(f"{NAME} is {path}: holds no key of {KEY_BYTES} bytes; restore it from the backup")
    return key


def _create(path: Path) -> None:
    """Make the file whole or not at all; where another worker was quicker, its key stands."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
