"""Who may sign a release, and who can check the signature?

A pair of Ed25519 keys in one folder: the private key signs at promotion and is readable by its
owner alone; the public key is all that the service needs.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from risk_model.errors import ReleaseError

RELEASE_KEY = "release_key"
PRIVATE_KEY_FILE, PUBLIC_KEY_FILE = f"{RELEASE_KEY}.pem", f"{RELEASE_KEY}.pub"
OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Keys:
    """The pair that signs and checks releases."""

    private: Ed25519PrivateKey
    public: Ed25519PublicKey


def load_or_create_keys(folder: Path, name: str = RELEASE_KEY) -> Keys:
    """Return the pair `name`.pem and `name`.pub in `folder`, made on first use; the private file has mode 0600.

    Raises:
        ReleaseError: when a key is unreadable, others may read the private one, or the two differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.pem"
    if not path.exists():
        _create(path)
    private = read_private_key(path)
    public_path = folder / f"{name}.pub"
    if not public_path.exists():
        write_public_key(public_path, private.public_key())
    public = read_public_key(public_path)
    if public.public_bytes_raw() != private.public_key().public_bytes_raw():
        raise ReleaseError(f"{public_path} does not belong to {path}; delete it, and it is made again")
    return Keys(private, public)


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read the key that releases are checked with.

    Raises:
        ReleaseError: when there is none, or it is of another kind.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except FileNotFoundError:
        raise ReleaseError(f"{path}: no public key; copy {PUBLIC_KEY_FILE} from where releases are made") from None
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ReleaseError(f"{path}: not readable as a public key ({error}); copy it again") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ReleaseError(f"{path}: a {type(key).__name__}, not an Ed25519 key; copy {PUBLIC_KEY_FILE} again")
    return key


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read the key that signs.

    Raises:
        ReleaseError: when it is unreadable or of another kind, or others than its owner may read it.
    """
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise ReleaseError(f"{path}: others may read this private key; run: chmod 600 {path}")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise ReleaseError(
            f"{path}: not readable as a private key ({error}); restore it, or delete both keys and promote again"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ReleaseError(f"{path}: a {type(key).__name__}, not an Ed25519 key; delete both keys and promote again")
    return key


def replace_private_key(path: Path) -> Ed25519PublicKey:
    """Put a new private key in place of the one at `path`, as a whole; return its public key."""
    key = Ed25519PrivateKey.generate()
    _write_aside(path, key).replace(path)
    return key.public_key()


def write_public_key(path: Path, key: Ed25519PublicKey) -> None:
    """Write a public key to `path`, as a whole."""
    partial = path.with_name(f".{path.name}.{token_hex(8)}")
    partial.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    partial.replace(path)


def _create(path: Path) -> None:
    # written aside and linked: of two that start at once one key wins, and nobody reads half a key
    partial = _write_aside(path, Ed25519PrivateKey.generate())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def _write_aside(path: Path, key: Ed25519PrivateKey) -> Path:
    partial = path.with_name(f".{path.name}.{token_hex(8)}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return partial
