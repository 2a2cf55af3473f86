"""Who makes this request, and may they?

Staff by the cookie of a session, systems by an API key. A request that changes something and is
known by its cookie must send the session's form token back: another site cannot know it.
"""

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Request, Response

from service.access import Principal, offices_seen
from service.instants import naive_utc
from service.limits import CallerRates
from service.passwords import token_hash
from service.problems import FORBIDDEN, NOT_SIGNED_IN, ProblemError
from service.running import Running, running_of, utc_now
from service.settings import Settings
from service.storage.engine import for_writing
from service.storage.people import Key, find_key
from service.storage.sessions import find_session, mark_seen

COOKIES: Final = {False: "risk-session", True: "__Host-risk-session"}
"""Name of the session cookie without TLS and with it; browsers keep the latter from other hosts."""
FORM_TOKEN_HEADER, FORM_TOKEN_FIELD = "x-form-token", "form_token"
FORM_TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
SECONDS_AN_HOUR: Final = 3600
KEY_PREFIX: Final = "rk"
CHALLENGE: Final = 'Bearer realm="placement-risk"'
SEEN_EVERY: Final = timedelta(minutes=1)
"""How old `seen_at` of a session may grow before it is written again."""
KEY_KNOWN_FOR: Final = 0.5
"""Seconds for which a worker remembers a key; a revoked one is worthless everywhere within a second."""
IDENTITIES: Final = ("placement_id", "unit_id", "agency_id", "employer_ref")
"""What an analyst never gets to see."""


class KnownKeys:
    """The keys that one worker looked up a moment ago."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """`clock` counts seconds."""
        self._clock = clock
        self._known: dict[str, tuple[float, Key]] = {}

    def find(self, running: Running, sent: str) -> Key | None:
        """Return the key that a caller sent (`rk_<id>_<secret>`), also one that is over; None where there is none."""
        now = self._clock()
        self._known = {hashed: known for hashed, known in self._known.items() if now - known[0] < KEY_KNOWN_FOR}
        hashed = token_hash(sent)
        known = self._known.get(hashed)
        if known is None:
            prefix, _, rest = sent.partition("_")
            key_id, _, secret = rest.partition("_")
            with running.engine.connect() as connection:
                found = find_key(connection, key_id)
            if prefix != KEY_PREFIX or found is None or not hmac.compare_digest(token_hash(secret), found[1]):
                return None
            known = self._known[hashed] = (now, found[0])
        return known[1]  # not looked up again: another thread may have forgotten it

    def remembered(self, sent: str) -> Key | None:
        """Return the key that a caller sent where it was looked up a moment ago, without asking the database."""
        known = self._known.get(token_hash(sent))
        return known[1] if known is not None and self._clock() - known[0] < KEY_KNOWN_FOR else None

    def forget(self) -> None:
        """Look every key up again."""
        self._known = {}


class Access:
    """What one application remembers of its callers: keys for a moment, and how much each asked."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = monotonic) -> None:
        """`clock` counts seconds."""
        self.keys = KnownKeys(clock)
        self.rates = CallerRates(settings.caller_rate, settings.caller_burst, clock)


def access_of(request: Request) -> Access:
    """Return what the application that got `request` remembers of its callers."""
    return cast("Access", request.app.state.access)


def session_token(request: Request, settings: Settings) -> str | None:
    """Return the token of the session that `request` sends along, or None."""
    return request.cookies.get(COOKIES[settings.sends_secure_cookies])


def give_session(response: Response, token: str, settings: Settings) -> None:
    """Let the browser keep a session: for this site alone, out of reach of any script."""
    secure = settings.sends_secure_cookies
    seconds = settings.session_hours * SECONDS_AN_HOUR
    response.set_cookie(COOKIES[secure], token, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def take_session(response: Response, settings: Settings) -> None:
    """Let the browser forget its session."""
    secure = settings.sends_secure_cookies
    response.delete_cookie(COOKIES[secure], httponly=True, samesite="lax", secure=secure)


def address_of(request: Request) -> str:
    """Return where `request` came from."""
    return request.client.host if request.client else "unknown"


def identify(request: Request, running: Running, now: datetime, sent_form_token: str | None = None) -> Principal:
    """Return who makes `request`.

    Raises:
        ProblemError: 401 where nobody is known by it, 403 where the form token is missing.
    """
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    at = naive_utc(now)
    if scheme.lower() == "bearer":
        return principal_of_key(access_of(request).keys.find(running, sent.strip()), at)
    caller = _of_session(running, session_token(request, running.settings), at)
    if request.method not in SAFE_METHODS and not hmac.compare_digest(
        (sent_form_token or "").encode(), (caller.form_token or "").encode()
    ):
        raise ProblemError(FORBIDDEN, "form_token")
    return caller


def principal_of_key(key: Key | None, at: datetime) -> Principal:
    """Return who sends `key` at an instant (naive UTC).

    Raises:
        ProblemError: 401 where there is no such key, or it is over.
    """
    if key is None or key.revoked_at is not None or key.expires_at <= at:
        challenge = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
        raise ProblemError(NOT_SIGNED_IN, "bad_key", headers=challenge)
    return Principal(f"key:{key.key_id}", key.role, key.office, key.owner, frozenset(key.scopes))


def _of_session(running: Running, token: str | None, at: datetime) -> Principal:
    hashed = token_hash(token or "")
    with running.engine.connect() as connection:
        session = find_session(connection, hashed) if token else None
    idle = timedelta(minutes=running.settings.session_idle_minutes)
    if session is None or not session.user.active or at >= min(session.expires_at, session.seen_at + idle):
        raise ProblemError(NOT_SIGNED_IN, "sign_in_needed", headers={"WWW-Authenticate": CHALLENGE})
    if at - session.seen_at >= SEEN_EVERY:
        with for_writing(running.engine).begin() as connection:
            mark_seen(connection, hashed, at)
    user = session.user
    return Principal(
        f"user:{user.user_id}",
        user.role,
        user.office,
        form_token=session.form_token,
        version=user.version,
        login=user.login,
    )


async def _sent_form_token(request: Request) -> str | None:
    """The form token that a signed-in browser sends: as a header, or as a field of a form."""
    header = request.headers.get(FORM_TOKEN_HEADER)
    if header is not None or request.method in SAFE_METHODS or "authorization" in request.headers:
        return header
    if not request.headers.get("content-type", "").startswith(FORM_TYPES):
        return None
    field = (await request.form()).get(FORM_TOKEN_FIELD)
    return field if isinstance(field, str) else None


def _caller(
    request: Request,
    running: Annotated[Running, Depends(running_of)],
    now: Annotated[datetime, Depends(utc_now)],
    sent: Annotated[str | None, Depends(_sent_form_token)],
) -> Principal:
    rates = access_of(request).rates
    try:
        caller = identify(request, running, now, sent)
    except ProblemError:
        rates.check(f"address:{address_of(request)}")
        raise
    request.state.caller = caller
    rates.check(caller.who)
    return caller


Caller = Annotated[Principal, Depends(_caller)]
"""Whoever is signed in or has a key, whatever they may do."""


def allowed(permission: str) -> Any:
    """Return the dependency of a route that needs `permission`; it gives the caller."""

    async def check(caller: Caller) -> Principal:  # no thread for a look-up in a dict
        if not caller.may(permission):
            raise ProblemError(FORBIDDEN, "not_allowed", permission=permission, role=caller.role)
        return caller

    check.permission = permission  # type: ignore[attr-defined]  # the table of routes and roles reads it
    return Depends(check)


def sees_office(caller: Principal, running: Running, office: str | None) -> bool:
    """Return whether what belongs to `office` (None: to the whole register) exists for `caller`."""
    seen = offices_seen(caller, running.offices)
    return seen is None or office in seen
