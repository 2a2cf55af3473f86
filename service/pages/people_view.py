"""What stands on the page of users and keys?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args
from urllib.parse import quote, urlencode

from risk_model.vocabulary import Office
from service.language import Language
from service.pages import texts
from service.pages.views import Choice, Frame, Notice, office_choices, office_label
from service.payloads.people import KeyRole, UserRole
from service.storage.people import Key, User

NONE: Final = "–"


@dataclass(frozen=True)
class UserLine:
    """One user of the table; `href` opens the form that changes it."""

    login: str
    role: str
    office: str
    visits: str
    active: bool
    made: str
    href: str


@dataclass(frozen=True)
class UserForm:
    """What the form of a user holds; `user_id` and `version` are None for a new one."""

    user_id: str | None
    version: str | None
    login: str
    roles: tuple[Choice, ...]
    offices: tuple[Choice, ...]
    visits: str
    active: bool


@dataclass(frozen=True)
class KeyLine:
    """One key of the table; `is_good` says that it still opens something."""

    key_id: str
    owner: str
    role: str
    office: str
    scopes: str
    made: str
    expires: str
    state: str
    is_good: bool


@dataclass(frozen=True)
class KeyForm:
    """What the form of a new key holds."""

    owner: str
    roles: tuple[Choice, ...]
    offices: tuple[Choice, ...]
    days: str
    verifies: bool


@dataclass(frozen=True)
class Once:
    """What is shown this once: whose password or key it is, and what it is."""

    whose: str
    secret: str


@dataclass(frozen=True)
class PeoplePage:
    """The variables of people.html; `chosen` is the user whose form is open."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    trouble: tuple[str, ...]
    done: bool
    once: Once | None
    chosen: UserForm | None
    users: tuple[UserLine, ...]
    more_users: str | None
    new_user: UserForm
    keys: tuple[KeyLine, ...]
    more_keys: str | None
    new_key: KeyForm


def user_line(user: User, offices: Mapping[str, Office], language: Language) -> UserLine:
    """Return one line of the table of users."""
    return UserLine(
        login=user.login,
        role=texts.words(language)[f"role_{user.role}"],
        office=office_label(user.office, offices, language) if user.office else NONE,
        visits=NONE if user.monthly_visits is None else texts.whole_number(user.monthly_visits, language),
        active=user.active,
        made=texts.day(user.created_at, language),
        href=f"?user={quote(user.user_id)}#change",
    )


def key_line(key: Key, offices: Mapping[str, Office], language: Language, *, now: datetime) -> KeyLine:
    """Return one line of the table of keys; `now` is naive UTC."""
    words = texts.words(language)
    if key.revoked_at is not None:
        state = words["pp_revoked"].format(day=texts.day(key.revoked_at, language))
    else:
        state = words["pp_good" if key.expires_at > now else "pp_expired"]
    return KeyLine(
        key_id=key.key_id,
        owner=key.owner,
        role=words[f"role_{key.role}"],
        office=office_label(key.office, offices, language) if key.office else NONE,
        scopes=words["pp_verify"] if key.scopes else NONE,
        made=texts.day(key.created_at, language),
        expires=texts.day(key.expires_at, language),
        state=state,
        is_good=key.revoked_at is None and key.expires_at > now,
    )


def user_form(
    user: User | None, sent: Mapping[str, str], offices: Mapping[str, Office], language: Language
) -> UserForm:
    """Return the form of a user (None: of a new one); what was `sent` with it stands in it again."""
    held = (
        {} if user is None else {"role": user.role, "office": user.office or "", "visits": _plain(user.monthly_visits)}
    )
    filled = {"role": "inspector", "office": "", "visits": "", "login": user.login if user else "", **held, **sent}
    return UserForm(
        user_id=user.user_id if user else None,
        version=str(user.version) if user else None,
        login=filled["login"],
        roles=role_choices(get_args(UserRole), filled["role"], language),
        offices=_offices(offices, filled["office"], language),
        visits=filled["visits"],
        active="active" in sent if sent else user is None or user.active,
    )


def key_form(sent: Mapping[str, str], offices: Mapping[str, Office], language: Language, *, days: int) -> KeyForm:
    """Return the form of a new key, with what was `sent` with it; `days` is how long it is good, usually."""
    return KeyForm(
        owner=sent.get("owner", ""),
        roles=role_choices(get_args(KeyRole), sent.get("role", "placement_system"), language),
        offices=_offices(offices, sent.get("office", ""), language),
        days=sent.get("days", str(days)),
        verifies="verify" in sent,
    )


def role_choices(roles: Sequence[str], chosen: str, language: Language) -> tuple[Choice, ...]:
    """Return the roles that can be chosen."""
    words = texts.words(language)
    return tuple(Choice(role, words[f"role_{role}"], role == chosen) for role in roles)


def more(name: str, last: str) -> str:
    """Return the link to the lines after `last`."""
    return f"?{urlencode({name: last})}"


def _offices(offices: Mapping[str, Office], chosen: str, language: Language) -> tuple[Choice, ...]:
    nothing = Choice("", texts.words(language)["pp_no_office"], chosen == "")
    return (nothing, *office_choices(offices, frozenset(offices), chosen, language))


def _plain(number: int | None) -> str:
    return "" if number is None else str(number)
