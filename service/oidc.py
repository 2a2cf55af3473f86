"""Who does the provider of identities say that this is?

OpenID Connect, authorization code with PKCE. Without the settings `RISK_OIDC_…` nothing here runs, and the
service makes no request of its own. The browser keeps one secret in a cookie; state, nonce and verifier all
follow from it, so nothing is stored and a code is worth nothing in another browser.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener

from risk_model.errors import InputError
from service.settings import Settings

if TYPE_CHECKING:
    import jwt

DISCOVERY: Final = "/.well-known/openid-configuration"
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures with a key pair alone: nobody signs with what everybody may read."""
CLAIMS: Final = ("iss", "sub", "aud", "exp", "iat")
EMAIL, VERIFIED = "email", "email_verified"
CLOCKS_DIFFER: Final = timedelta(seconds=60)
SECONDS: Final = 5
"""How long the provider may take to answer."""
MOST_BYTES: Final = 2**20
REFUSAL: Final = range(400, 500)


class ProviderAwayError(InputError):
    """The provider does not answer, or not as one does."""


class NotShownError(InputError):
    """The provider did not show who this is; the message is for the log and holds nothing of the token."""


@dataclass(frozen=True)
class Asking:
    """One sign-in on its way: everything follows from the secret that the browser keeps."""

    secret: str

    def derived(self, use: str) -> str:
        """Return what stands for the secret in one use: `state`, `nonce` or `verifier`."""
        return _base64(hmac.new(self.secret.encode(), use.encode(), hashlib.sha256).digest())

    @property
    def challenge(self) -> str:
        """What the provider compares the verifier with (RFC 7636, S256)."""
        return _base64(hashlib.sha256(self.derived("verifier").encode()).digest())

    def is_answered_by(self, state: str) -> bool:
        """Whether an answer belongs to this sign-in."""
        return hmac.compare_digest(self.derived("state").encode(), state.encode())


class Provider:
    """The provider that the settings name; what it says of itself is read once, its keys again when one is new."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked before somebody signs in."""
        self._settings = settings
        self._about: Mapping[str, Any] | None = None
        self._keys: dict[str | None, jwt.PyJWK] = {}

    def address(self, asking: Asking) -> str:
        """Return where the browser goes to sign in.

        Raises:
            ProviderAwayError: the provider does not say where.
        """
        asked = {
            "response_type": "code",
            "scope": self._settings.oidc_scope,
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._settings.oidc_return_address,
            "state": asking.derived("state"),
            "nonce": asking.derived("nonce"),
            "code_challenge": asking.challenge,
            "code_challenge_method": "S256",
        }
        there = self._said("authorization_endpoint")
        return f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"

    def login(self, asking: Asking, code: str, *, now: datetime) -> str:
        """Return by which login the holder of `code` is known here.

        Raises:
            NotShownError: the code or the token is not good.
            ProviderAwayError: the provider does not answer.
        """
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.oidc_return_address,
            "client_id": self._settings.oidc_client_id,
            "code_verifier": asking.derived("verifier"),
        }
        secret = self._settings.oidc_client_secret_file
        if secret is not None:
            sent["client_secret"] = secret.read_text(encoding="utf-8").strip()
        answer = _fetched(self._said("token_endpoint"), urlencode(sent).encode())
        return self._shown(str(answer.get("id_token", "")), asking, now)

    def _shown(self, token: str, asking: Asking, now: datetime) -> str:
        """Return the login that a token names, once everything about it was checked."""
        import jwt

        settings = self._settings
        try:
            told = jwt.decode(
                token,
                self._key(token),
                algorithms=ALGORITHMS,
                audience=settings.oidc_client_id,
                issuer=settings.oidc_issuer,
                options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.PyJWTError as error:
            raise NotShownError(f"the token is not good: {type(error).__name__}") from None
        if not _is_on_time(told, now):
            raise NotShownError("the token is over")
        if not hmac.compare_digest(str(told.get("nonce", "")).encode(), asking.derived("nonce").encode()):
            raise NotShownError("the token answers another sign-in")
        login = told.get(settings.oidc_claim)
        if not isinstance(login, str) or (settings.oidc_claim == EMAIL and told.get(VERIFIED) is not True):
            raise NotShownError(f"the token does not say {settings.oidc_claim}")
        return login

    def _key(self, token: str) -> "jwt.PyJWK":
        import jwt

        key_id = jwt.get_unverified_header(token).get("kid")
        if key_id not in self._keys:
            keys = jwt.PyJWKSet.from_dict(_fetched(self._said("jwks_uri"))).keys
            self._keys = {key.key_id: key for key in keys}
        if key_id not in self._keys:
            raise NotShownError("the token is signed with a key that the provider does not name")
        return self._keys[key_id]

    def _said(self, name: str) -> str:
        """What the provider says of itself under `name`: an address that is as safe as its own."""
        if self._about is None:
            about = _fetched(f"{str(self._settings.oidc_issuer).rstrip('/')}{DISCOVERY}")
            if about.get("issuer") != self._settings.oidc_issuer:
                raise ProviderAwayError(f"RISK_OIDC_ISSUER: the provider there calls itself {about.get('issuer')!r}")
            self._about = about
        there = str(self._about.get(name, ""))
        if not there.startswith(str(self._settings.oidc_issuer).partition("://")[0] + "://"):
            raise ProviderAwayError(f"RISK_OIDC_ISSUER: the provider names no {name} that is as safe as itself")
        return there


def _is_on_time(told: Mapping[str, Any], now: datetime) -> bool:
    try:
        return now.timestamp() < float(told["exp"]) + CLOCKS_DIFFER.total_seconds()
    except (TypeError, ValueError):
        return False


class _NoRedirects(HTTPRedirectHandler):
    """Goes nowhere else: an address that moved is an error, and a code is sent to one address alone."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def _fetched(address: str, form: bytes | None = None) -> dict[str, Any]:
    """Return the JSON object that the provider answers."""
    try:
        with build_opener(_NoRedirects).open(address, form, SECONDS) as answer:
            found = json.loads(answer.read(MOST_BYTES))
    except HTTPError as error:
        if form is not None and error.code in REFUSAL:
            raise NotShownError(f"the provider refused the code ({error.code})") from None
        raise ProviderAwayError(f"RISK_OIDC_ISSUER: the provider answers {error.code}") from None
    except (OSError, ValueError) as error:
        raise ProviderAwayError(f"RISK_OIDC_ISSUER: the provider does not answer ({error})") from None
    if not isinstance(found, dict):
        raise ProviderAwayError("RISK_OIDC_ISSUER: the provider answers no JSON object")
    return found


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
