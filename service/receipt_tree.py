"""How does one signature stand for several receipts, each of which can be checked without the others?

The Merkle tree of RFC 9162, section 2.1: the digest at its root is signed, and a receipt carries the digests
beside its way to the root. A receipt that is signed alone has no way, and its text itself is signed.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

STEP: Final = "."
"""Stands between a signature and the steps of the way, and between these."""
LEFT, RIGHT = "l", "r"
"""The first character of a step: on which side its digest stands."""
LEAF, NODE = b"\x00", b"\x01"

Way = tuple[str, ...]
"""The steps from a receipt to the root: a side and 64 lower-case hexadecimal digits each."""


def to_sign(texts: Sequence[bytes]) -> tuple[bytes, list[Way]]:
    """Return the bytes that are signed for `texts`, at least one, and the way of each.

    >>> [len(way) for way in to_sign([b"a", b"b", b"c"])[1]]
    [2, 2, 1]
    """
    if len(texts) == 1:
        return texts[0], [()]
    return _tree([sha256(LEAF + text).digest() for text in texts])


def signed_bytes(text: bytes, way: Sequence[str]) -> bytes:
    """Return the bytes that were signed for a receipt's `text`, given its way.

    Raises:
        ValueError: a step is not written as `to_sign` writes it.
    """
    if not way:
        return text
    digest = sha256(LEAF + text).digest()
    for step in way:
        side, beside = step[:1], bytes.fromhex(step[1:])
        if side not in (LEFT, RIGHT) or beside.hex() != step[1:]:
            raise ValueError(f"no step of a way: {step!r}")
        digest = _node(beside, digest) if side == LEFT else _node(digest, beside)
    return digest


def _tree(digests: Sequence[bytes]) -> tuple[bytes, list[Way]]:
    if len(digests) == 1:
        return digests[0], [()]
    middle = 1 << ((len(digests) - 1).bit_length() - 1)  # the largest power of two below their number
    left, ways_left = _tree(digests[:middle])
    right, ways_right = _tree(digests[middle:])
    to_left, to_right = LEFT + left.hex(), RIGHT + right.hex()
    return _node(left, right), [*((*way, to_right) for way in ways_left), *((*way, to_left) for way in ways_right)]


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(NODE + left + right).digest()
