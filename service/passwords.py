"""How are passwords kept and secrets made?

Passwords as scrypt hashes with their parameters, so that the cost can rise without a reset; tokens
and secrets of keys, which nobody can guess, as SHA-256.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from threading import BoundedSemaphore
from typing import Final

LOG_COST, BLOCK, PARALLEL = 14, 8, 5
"""scrypt's N = 2^14, r and p: 16 MB and a fifth of a second (OWASP Password Storage Cheat Sheet, 2023)."""
MOST_MEMORY: Final = 2**26
SALT_BYTES, TOKEN_BYTES = 16, 32
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for another one."""
GROUPS, LETTERS_A_GROUP = 4, 4
_HASHING: Final = BoundedSemaphore(2)
"""Hashes at a time: a crowd at the sign-in page shall not take every core and thread."""


def hash_password(password: str) -> str:
    """Return the hash of a password with its parameters and salt, as it is stored."""
    salt = secrets.token_bytes(SALT_BYTES)
    hashed = _scrypt(password, salt, LOG_COST, BLOCK, PARALLEL)
    return "$".join(["scrypt", str(LOG_COST), str(BLOCK), str(PARALLEL), _text(salt), _text(hashed)])


def is_password(password: str, stored: str | None) -> bool:
    """Return whether `password` is the one that `stored` was made from.

    Without a stored one (None) the answer is no, after as long a time.
    """
    _, log_cost, block, parallel, salt, hashed = (stored or _nobody()).split("$")
    made = _scrypt(password, b64decode(salt), int(log_cost), int(block), int(parallel))
    return hmac.compare_digest(made, b64decode(hashed)) and stored is not None


def is_outdated(stored: str) -> bool:
    """Return whether `stored` was made with other parameters than hashes are made with now."""
    return stored.split("$")[1:4] != [str(LOG_COST), str(BLOCK), str(PARALLEL)]


def new_password() -> str:
    """Return a password that can be read aloud: 16 signs in four groups, 79 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(LETTERS_A_GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def new_token() -> str:
    """Return a secret of 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return the hash by which a token or the secret of a key is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _scrypt(password: str, salt: bytes, log_cost: int, block: int, parallel: int) -> bytes:
    with _HASHING:
        return hashlib.scrypt(password.encode(), salt=salt, n=2**log_cost, r=block, p=parallel, maxmem=MOST_MEMORY)


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def _nobody() -> str:
    """What is compared with where nothing is stored: as much work, and never equal."""
    return "$".join(["scrypt", str(LOG_COST), str(BLOCK), str(PARALLEL), _text(bytes(SALT_BYTES)), _text(bytes(64))])
