"""How is a NIK made into a reference that cannot be read back?"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from risk_model.errors import UnreadableFileError
from risk_model.vocabulary import fold

KEY_BYTES = 32


def load_key(path: Path) -> bytes:
    """Return the secret key in the file `path`; a random one is made there, for its owner only, where none is.

    The same key must serve every import: under another key the same person gets another reference.

    Raises:
        UnreadableFileError: when the file cannot be read or made, or is too short to be a key.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: the key for worker references cannot be used: {error.strerror}") from error
    if len(key) < KEY_BYTES:
        raise UnreadableFileError(
            f"{path}: {len(key)} bytes are too few for a key (need {KEY_BYTES}); restore it from your copy, "
            "or delete it and import everything again under a new key"
        )
    return key


def _make_key(path: Path) -> None:
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    if path.exists():
        return
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    try:
        os.link(partial, path)  # unlike a rename, never replaces a key that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def worker_reference(number: str, *, key: bytes) -> str:
    """Return the keyed HMAC-SHA256 of a NIK (16 digits) or ID PMI, as 64 hexadecimal digits."""
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()


def name_reference(role: str, name: str, *, key: bytes) -> str:
    """Return the reference of an employer or inspector: one per folded name, apart from those of workers.

    >>> name_reference("inspector", "Ny. Rambu", key=b"k") == name_reference("inspector", "ny rambu", key=b"k")
    True
    """
    return worker_reference(f"{role}:{fold(name) or name.strip()}", key=key)
