"""Which key signs receipts now, and which ones signed before?

A worker reads the files again when they change, so another key is in use everywhere with the next score,
without a restart. Old public keys stay beside the private one: receipts are kept for years.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from risk_model.scoring.release_turn import sole_turn
from risk_model.scoring.signing_keys import (
    load_or_create_keys,
    read_private_key,
    read_public_key,
    replace_private_key,
    write_public_key,
)
from service.receipt_tree import STEP, signed_bytes

TURN: Final = "rotation of the receipt key"
FINGERPRINT: Final = 16
"""Digits of a public key that tell it from the others in the name of its file."""


@dataclass(frozen=True)
class _Held:
    """What the files held when the private one was `seen`; the present public key comes first."""

    seen: tuple[int, int] | None
    private: Ed25519PrivateKey
    publics: tuple[Ed25519PublicKey, ...]


class ReceiptKeys:
    """The private key in the file `path`, made on first use, and every public key that receipts may be signed with."""

    def __init__(self, path: Path) -> None:
        """Nothing is read before somebody asks."""
        self._path = path
        self._held: _Held | None = None

    @property
    def private(self) -> Ed25519PrivateKey:
        """What signs now.

        Raises:
            ReleaseError: a key cannot be used.
        """
        return self._newest().private

    @property
    def public(self) -> Ed25519PublicKey:
        """What checks that which is signed now.

        Raises:
            ReleaseError: a key cannot be used.
        """
        return self._newest().publics[0]

    def signer(self, body: str, signature: str) -> Ed25519PublicKey | None:
        """Return the key, present or former, that `body` was signed with; None where a character of either differs.

        One way of writing a signature is allowed.
        """
        return next((key for key in self._newest().publics if is_signed(body, signature, key)), None)

    def rotate(self, now: datetime) -> tuple[str, str]:
        """Sign with a new key from now on; return the old and the new public key as hexadecimal digits.

        The old public key is kept first, then the private one replaced as a whole: wherever this ends, every
        receipt can be checked. The old private key is gone.

        Raises:
            ReleaseBusyError: another rotation is under way.
            ReleaseError: a key cannot be used.
        """
        with sole_turn(self._path.parent, TURN):
            old = self.public
            name = f"{self._path.stem}.until-{now.astimezone(UTC):%Y%m%dT%H%M%S}-{_hexadecimal(old)[:FINGERPRINT]}.pub"
            write_public_key(self._path.with_name(name), old)
            new = replace_private_key(self._path)
            write_public_key(self._path.with_suffix(".pub"), new)
        return _hexadecimal(old), _hexadecimal(new)

    def _newest(self) -> "_Held":
        """The keys; read again where the private one is another file."""
        held = self._held
        if held is None or held.seen != _seen(self._path):
            if not self._path.exists():
                load_or_create_keys(self._path.parent, self._path.stem)
            seen, private = _seen(self._path), read_private_key(self._path)
            former = sorted(self._path.parent.glob(f"{self._path.stem}.until-*.pub"), reverse=True)
            held = _Held(seen, private, (private.public_key(), *(read_public_key(path) for path in former)))
            self._held = held  # as one: other threads ask meanwhile
        return held


def is_signed(body: str, signature: str, key: Ed25519PublicKey) -> bool:
    """Return whether every character of both is as signed; one way of writing a signature is allowed."""
    digits, *way = signature.split(STEP)
    try:
        raw = bytes.fromhex(digits)
        key.verify(raw, signed_bytes(body.encode(), way))
    except (ValueError, InvalidSignature):
        return False
    return raw.hex() == digits


def _seen(path: Path) -> tuple[int, int] | None:
    """What changes with the file; None where it is not there."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _hexadecimal(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw().hex()
