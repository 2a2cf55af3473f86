"""What did the gate measure, what did it require, and may the model be served?"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from risk_model.errors import GateRefusedError


@dataclass(frozen=True)
class Check:
    """One question of the gate: what was measured, what was required, and whether it holds.

    `groups` says the same of each group of people that was judged, for whoever shows it in words of their own.
    """

    name: str
    figure: float | str
    limit: float | str
    passed: bool
    groups: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """All checks of one model; it passes when each of them does.

    `facts` are figures that no limit hangs on but that the next verdict compares with.
    """

    checks: tuple[Check, ...]
    facts: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """Whether the model may be promoted."""
        return all(check.passed for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as plain data, to be stored with the version; what is not a number is null."""
        checks = [_told(check) for check in self.checks]
        return {"passed": self.passed, "checks": checks, "facts": dict(self.facts)}

    def require(self) -> None:
        """Raise `GateRefusedError` naming every failed check, its figure and its limit."""
        if not self.passed:
            failed = "; ".join(
                f"{c.name} is {_shown(c.figure)}, required {_shown(c.limit)}" for c in self.checks if not c.passed
            )
            raise GateRefusedError(f"not promoted: {failed}. The release in use stays in use.")


def none_of(name: str, found: Iterable[str]) -> Check:
    """Return the check that `found` is empty; its figure names what was found."""
    named = ", ".join(found)
    return Check(name, named or "none", "none", not named)


def _told(check: Check) -> dict[str, Any]:
    told = asdict(check) | {"figure": _plain(check.figure)}
    return told if check.groups else {name: value for name, value in told.items() if name != "groups"}


def _plain(figure: float | str) -> float | str | None:
    return None if isinstance(figure, float) and math.isnan(figure) else figure


def _shown(figure: float | str) -> str:
    if not isinstance(figure, float):
        return str(figure)
    return f"{figure:.0f}" if figure.is_integer() else f"{figure:.4f}"
