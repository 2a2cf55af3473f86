"""Who may do what, and with whose placements and lists?

The one place where roles are turned into permissions. A route names the permission it needs; what
lies outside the caller's offices does not exist for the caller (404), so nothing can be learnt from
a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from risk_model.vocabulary import Office, contains

INSPECTOR, SUPERVISOR, NATIONAL = "inspector", "supervisor", "national"
ANALYST, PLACEMENT_SYSTEM, ADMIN = "analyst", "placement_system", "admin"
ROLES: Final = (INSPECTOR, SUPERVISOR, NATIONAL, ANALYST, PLACEMENT_SYSTEM, ADMIN)
OFFICE_ROLES: Final = frozenset({INSPECTOR, SUPERVISOR})
"""Roles that belong to an office; the others see every office."""
STAFF: Final = frozenset({INSPECTOR, SUPERVISOR, NATIONAL})
VERIFY: Final = "verify"
"""Scope of a key that may confirm certificates."""

PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "scores.make": STAFF | {PLACEMENT_SYSTEM, ANALYST},
    "alternatives.make": STAFF | {PLACEMENT_SYSTEM},
    "receipts.read": STAFF | {PLACEMENT_SYSTEM, ANALYST, ADMIN},
    "placements.write": frozenset({PLACEMENT_SYSTEM, ADMIN}),
    "placements.read": STAFF | {PLACEMENT_SYSTEM},
    "events.write": frozenset({PLACEMENT_SYSTEM, ADMIN}),
    "changes.read": STAFF | {PLACEMENT_SYSTEM},
    "lists.see": STAFF | {ANALYST},
    "lists.read": STAFF,
    "lists.read_design": frozenset({NATIONAL, ANALYST}),
    "lists.make": frozenset({SUPERVISOR, NATIONAL}),
    "rows.work": STAFF,
    "rows.assign": frozenset({SUPERVISOR, NATIONAL}),
    "visits.record": STAFF,
    "segments.read": STAFF | {ANALYST},
    "prevalence.read": frozenset({SUPERVISOR, NATIONAL, ANALYST}),
    "supervision.read": frozenset({SUPERVISOR, NATIONAL, ANALYST}),
    "workers.read": frozenset({SUPERVISOR, NATIONAL}),
    "workers.write": frozenset({SUPERVISOR, NATIONAL}),
    "workers.erase": frozenset({NATIONAL}),
    "models.read": frozenset({ANALYST, NATIONAL, ADMIN}),
    "models.change": frozenset({ADMIN}),
    "people.manage": frozenset({ADMIN}),
    "audit.read": frozenset({ADMIN}),
}
"""Which roles have which permission; a role that is not named has not.

With `lists.see` a caller gets lists as `list_answers` hands them out: without identities for an analyst.
"""


@dataclass(frozen=True)
class Principal:
    """Whoever makes a request: a signed-in user, or a system with a key.

    `who` goes into the audit log (`user:…` or `key:…`, never a name); `office` is the code of an
    inspector's or supervisor's office; `owner` the system whose records a key sees; `scopes` what the
    key may do beyond its role; `form_token` what a form of this session must send back; `login` is
    shown to the user alone and written down nowhere.
    """

    who: str
    role: str
    office: str | None = None
    owner: str | None = None
    scopes: frozenset[str] = frozenset()
    form_token: str | None = None
    version: int = 0
    login: str | None = None

    def may(self, permission: str) -> bool:
        """Return whether the role has `permission`.

        Raises:
            KeyError: there is no such permission.
        """
        return self.role in PERMISSIONS[permission]


def may_verify(principal: Principal) -> bool:
    """Return whether `principal` may say that a certificate was checked; a placement system needs the scope for it."""
    return principal.role != PLACEMENT_SYSTEM or VERIFY in principal.scopes


def offices_seen(principal: Principal, offices: Mapping[str, Office]) -> frozenset[str] | None:
    """Return the codes of the offices whose lists and placements `principal` sees; None stands for all.

    An inspector sees the own office; a supervisor also those whose areas lie inside the own ones. A
    role without an office sees all, a placement system none (it sees its own records).
    """
    if principal.role == PLACEMENT_SYSTEM:
        return frozenset()
    if principal.role not in OFFICE_ROLES:
        return None
    own = offices.get(principal.office or "")
    if own is None:
        return frozenset()
    if principal.role == INSPECTOR:
        return frozenset({own.code})
    return frozenset(code for code, office in offices.items() if code == own.code or _within(office, own))


def sees_placement(principal: Principal, offices: Mapping[str, Office], placement: Mapping[str, Any]) -> bool:
    """Return whether a placement exists for `principal`.

    A system sees what it registered; staff of an office those that come from its areas, that it
    processed, or (mission) that go to its destinations.

    Args:
        principal: who asks.
        offices: all offices by code.
        placement: its columns origin, service_office, destination and registered_by.
    """
    if principal.role == PLACEMENT_SYSTEM:
        return principal.owner is not None and placement["registered_by"] == principal.owner
    seen = offices_seen(principal, offices)
    return seen is None or any(_sees(offices[code], placement) for code in seen)


def _sees(office: Office, placement: Mapping[str, Any]) -> bool:
    return (
        placement["service_office"] == office.code
        or placement["destination"] in office.destinations
        or any(contains(area, placement["origin"]) for area in office.areas)
    )


def _within(office: Office, own: Office) -> bool:
    """Whether every area of `office` lies in one of `own`'s."""
    return bool(office.areas) and all(
        any(area == outer or area.startswith(f"{outer}.") for outer in own.areas) for area in office.areas
    )
