"""What is sent and answered about people, their sessions, and the keys of systems?"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.payloads.free_text import WITHOUT_NUL

LONGEST_LOGIN, LONGEST_SENT_LOGIN, SHORTEST_PASSWORD, LONGEST_PASSWORD = 64, 200, 12, 200
LONGEST_DAYS, USUAL_DAYS, LONGEST_OWNER, MOST_VISITS = 1096, 365, 64, 1000
LOGIN_PATTERN: Final = r"^[a-z0-9][a-z0-9._@-]*$"

UserRole = Literal["inspector", "supervisor", "national", "analyst", "admin"]
KeyRole = Literal["inspector", "supervisor", "national", "analyst", "placement_system", "admin"]
Scope = Literal["verify"]
OfficeCode = Annotated[str | None, Field(description="code of the office of an inspector or supervisor; others: null")]
Visits = Annotated[int | None, Field(ge=0, le=MOST_VISITS, description="visits that this person can make in a month")]

ME: Final[dict[str, Any]] = {
    "who": "user:5f0c9a1b2d3e",
    "login": "pengawas.kupang",
    "role": "inspector",
    "office": "BP3MI-NTT",
    "owner": None,
    "scopes": [],
    "form_token": "q8Zb0c2k",
    "permissions": ["lists.read", "rows.work", "visits.record"],
}
USER: Final[dict[str, Any]] = {
    "user_id": "5f0c9a1b2d3e",
    "login": "pengawas.kupang",
    "role": "inspector",
    "office": "BP3MI-NTT",
    "active": True,
    "monthly_visits": 20,
    "created_at": "2026-04-01T01:15:00Z",
    "version": 1,
}
KEY: Final[dict[str, Any]] = {
    "key_id": "0a1b2c3d4e5f",
    "owner": "SISKOP2MI",
    "role": "placement_system",
    "office": None,
    "scopes": ["verify"],
    "created_at": "2026-04-01T01:15:00Z",
    "expires_at": "2027-04-01T01:15:00Z",
    "revoked_at": None,
}


class _Sent(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class SignInRequest(_Sent):
    """Who wants to sign in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "pengawas.kupang", "password": "contoh-bukan-sandi"}]}
    )

    login: Annotated[str, Field(min_length=1, max_length=LONGEST_SENT_LOGIN, pattern=WITHOUT_NUL)]
    password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class OwnPassword(_Sent):
    """The password as it is and as it shall be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"old_password": "contoh-bukan-sandi", "new_password": "contoh-lain-bukan-sandi"}]
        }
    )

    old_password: Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
    new_password: Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]


class SessionOpened(_Answer):
    """A session is open; its token is in the cookie, `form_token` goes with every request that changes something."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"form_token": "q8Zb0c2k", "expires_at": "2026-04-01T13:15:00Z"}]}
    )

    form_token: str
    expires_at: datetime


class Me(_Answer):
    """Who the caller is and what they may do."""

    model_config = ConfigDict(json_schema_extra={"examples": [ME]})

    who: str
    login: str | None = Field(description="null for a key")
    role: KeyRole
    office: str | None
    owner: str | None = Field(description="system whose records a key sees; null for a user")
    scopes: tuple[str, ...]
    form_token: str | None = Field(description="to be sent as X-Form-Token; null for a key")
    permissions: tuple[str, ...]


class UserWanted(_Sent):
    """A user to be made; without `password` one is drawn and answered once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "pengawas.kupang", "role": "inspector", "office": "BP3MI-NTT"}]}
    )

    login: Annotated[str, Field(min_length=1, max_length=LONGEST_LOGIN, pattern=LOGIN_PATTERN)]
    role: UserRole
    office: OfficeCode = None
    monthly_visits: Visits = None
    password: Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)] | None = None


class UserChange(_Sent):
    """What is to be changed; what is left away stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "supervisor"}]})

    role: UserRole | None = Field(None, description="null: as it is")
    office: OfficeCode = None
    active: bool | None = Field(None, description="null: as it is")
    monthly_visits: Visits = None


class UserOut(_Answer):
    """One user. Nothing of the password is ever answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [USER]})

    user_id: str
    login: str
    role: UserRole
    office: str | None
    active: bool
    monthly_visits: int | None
    created_at: datetime
    version: int


class UserMade(UserOut):
    """A new user with the password, which nobody can read again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**USER, "password": "abcd-efgh-jkmn-pqrs"}]})

    password: str


class NewPassword(_Answer):
    """A password that was drawn; nobody can read it again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "abcd-efgh-jkmn-pqrs"}]})

    password: str


class Users(_Answer):
    """Users by login; `next` continues where this page ends, null at the end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"users": [USER], "next": None}]})

    users: tuple[UserOut, ...]
    next: str | None


class KeyWanted(_Sent):
    """A key to be made for one system."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"owner": "SISKOP2MI", "role": "placement_system", "scopes": ["verify"]}]}
    )

    owner: Annotated[str, Field(min_length=1, max_length=LONGEST_OWNER, pattern=r"^[\w.-]+$")]
    role: KeyRole = "placement_system"
    office: OfficeCode = None
    scopes: list[Scope] = Field([], max_length=1, description="verify: may confirm certificates")
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS, description="days for which it is good")] = USUAL_DAYS


class KeyOut(_Answer):
    """One key; nothing of its secret is ever answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [KEY]})

    key_id: str
    owner: str
    role: KeyRole
    office: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class KeyMade(KeyOut):
    """A new key with what the system has to send (`Authorization: Bearer …`), which nobody can read again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**KEY, "key": "rk_0a1b2c3d4e5f_contoh"}]})

    key: str


class Keys(_Answer):
    """Keys by number, those revoked as well; `next` continues where this page ends, null at the end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"keys": [KEY], "next": None}]})

    keys: tuple[KeyOut, ...]
    next: str | None
