"""What can go wrong, and how is it repaired?

Every error names where it happened, what was found, what is allowed and the nearest guess:

    RiskModelError
    ├── InputError            a value, row or file that came from outside
    │   ├── UnknownCodeError  a code that is in no reference table
    │   ├── UnreadableFileError   a file that is missing, empty, corrupt or of another kind
    │   ├── MappingError      a mapping file that is missing or does not fit the export
    │   └── TableError        a table that breaks its contract
    ├── SpecificationError    a specification that contradicts itself or the table
    ├── NotEnoughDataError    too few rows or outcomes for what was asked
    ├── GateRefusedError      a model that may not be promoted
    └── ReleaseError          a release that is missing, altered or of another format
        └── ReleaseBusyError  another promotion or roll-back was quicker
"""

from collections.abc import Iterable
from difflib import get_close_matches

SHOWN_ALLOWED = 8
"""How many allowed values a message lists before it stops; more do not fit a terminal line."""


class RiskModelError(Exception):
    """An error whose message is a repair instruction; the command line prints it and exits 1."""


class InputError(RiskModelError):
    """A value, row or file from outside that cannot be used as it is."""


class UnreadableFileError(InputError):
    """A file that is missing, empty, corrupt or of another kind than its name says."""


class MappingError(InputError):
    """A mapping file that is missing or does not fit the export."""


class TableError(InputError):
    """A table that breaks its contract."""


class SpecificationError(RiskModelError):
    """A specification that contradicts itself or the table it is used on."""


class NotEnoughDataError(RiskModelError):
    """Too few rows or outcomes for what was asked."""


class GateRefusedError(RiskModelError):
    """A model that the gate does not let through."""


class ReleaseError(RiskModelError):
    """A release that is missing, altered or of another format."""


class ReleaseBusyError(ReleaseError):
    """Another promotion or roll-back is under way, or was quicker; what is in use is what it made."""


class UnknownCodeError(InputError):
    """A code that is in no reference table, with the nearest one that is.

    >>> raise UnknownCodeError("HGK", column="destination", row=17, known=["HKG", "TWN"])
    Traceback (most recent call last):
        ...
    risk_model.errors.UnknownCodeError: row 17: destination is 'HGK', not a known code; did you mean 'HKG'?
    """

    def __init__(self, found: object, *, column: str, known: Iterable[str], row: int | None = None) -> None:
        """Build the message; `known` are the codes allowed in `column`."""
        self.found, self.column, self.row = found, column, row
        self.suggestion = nearest(str(found), known)
        where = "" if row is None else f"row {row}: "
        super().__init__(f"{where}{column} is {found!r}, not a known code; {repair_hint(str(found), known)}")


def nearest(found: str, known: Iterable[str]) -> str | None:
    """Return the member of `known` closest to `found`, or None where nothing is close.

    >>> nearest("malaysa", ["Malaysia", "Taiwan"])
    'Malaysia'
    """
    by_folded = {name.casefold(): name for name in known}
    matches = get_close_matches(found.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def repair_hint(found: str, known: Iterable[str]) -> str:
    """Say which of `known` was probably meant, or list what is allowed.

    >>> repair_hint("x", ["yes", "no"])
    'allowed: no, yes'
    """
    allowed = sorted(set(known))
    if not allowed:
        return "none is there yet"
    guess = nearest(found, allowed)
    if guess is not None:
        return f"did you mean {guess!r}?"
    more = "" if len(allowed) <= SHOWN_ALLOWED else f" and {len(allowed) - SHOWN_ALLOWED} more"
    return f"allowed: {', '.join(allowed[:SHOWN_ALLOWED])}{more}"
