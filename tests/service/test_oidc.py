"""Staff sign in by a provider of identities: a real one on this machine, honest and not."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError
from sqlalchemy import func, select, update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from service.app import create_app
from service.managing_people import By, NewUser, create_user
from service.running import Running, utc_now
from service.settings import Settings
from service.tables import keeping, people

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
CLIENT, SECRET, RETURN = "placement-risk", "rahasia-klien", "http://127.0.0.1/sign-in/return"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def in_base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@dataclass
class Identities:
    """A small provider: it signs real tokens and asks for PKCE; a test says whom it names, and how it lies."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"preferred_username": "pengawas"})
    key: Any = RSA
    algorithm: str = "RS256"
    key_id: str | None = "first"
    published: dict[str, Any] = field(default_factory=lambda: {"first": RSA})
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    broken: bool = False

    def about(self, _: Request) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return JSONResponse(
            {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in names.items()}},
            503 if self.broken else 200,
        )

    def authorize(self, request: Request) -> Response:
        code = f"code-{len(self.codes)}"
        self.codes[code] = dict(request.query_params)
        back = f"{request.query_params['redirect_uri']}?code={code}&state={request.query_params['state']}"
        return RedirectResponse(back, 302)

    async def token(self, request: Request) -> Response:
        sent = dict(await request.form())
        asked = self.codes.pop(str(sent["code"]), None)
        proof = in_base64(hashlib.sha256(str(sent["code_verifier"]).encode()).digest())
        if asked is None or asked["code_challenge"] != proof.decode() or sent["client_secret"] != SECRET:
            return JSONResponse({"error": "invalid_grant"}, 400)
        usual = {"iss": self.issuer, "sub": "1", "aud": CLIENT, "nonce": asked["nonce"], "iat": NOW}
        told = {**usual, "exp": NOW + timedelta(minutes=5), **self.claims}
        told = {name: value for name, value in told.items() if value is not None}
        headers = {"kid": self.key_id} if self.key_id else {}
        return JSONResponse({"id_token": jwt.encode(told, self.key, self.algorithm, headers)})

    def keys(self, _: Request) -> Response:
        keys = [
            {**json.loads(kind.to_jwk(key.public_key())), "kid": name}
            for name, key in self.published.items()
            for kind in [jwt.algorithms.RSAAlgorithm if key is RSA else jwt.algorithms.ECAlgorithm]
        ]
        return JSONResponse({"keys": keys})


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[list[Identities], str]]:
    """A provider on a port of its own; whichever stands in the list answers."""
    present: list[Identities] = []
    names = {"/.well-known/openid-configuration": "about", "/authorize": "authorize", "/keys": "keys"}

    def of(name: str) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            answered: Response = getattr(present[-1], name)(request)
            return answered

        return answer

    async def token(request: Request) -> Response:
        return await present[-1].token(request)

    routes = [Route(path, of(name)) for path, name in names.items()]
    app = Starlette(routes=[*routes, Route("/token", token, methods=["POST"])])
    taken = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
    thread.start()
    yield present, f"http://127.0.0.1:{taken.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def provider(listening: tuple[list[Identities], str]) -> Identities:
    present, address = listening
    present.append(Identities(issuer=address))
    return present[-1]


@pytest.fixture
def own(
    running: Running, make_settings: Callable[..., Settings], provider: Identities, tmp_path: Path
) -> Iterator[Running]:
    """A service that takes the provider's word, with the user `pengawas`."""
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    url = running.engine.url.render_as_string(hide_password=False)
    told = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_return_address": RETURN}
    one = Running(make_settings(url, **told, oidc_client_secret_file=tmp_path / "secret"))
    create_user(one, NewUser("pengawas", "supervisor", "BP3MI-NTT"), By("user:test", "admin", NOW))
    yield one
    one.close()


def browser(running: Running) -> TestClient:
    app = create_app(running)
    app.dependency_overrides[utc_now] = lambda: NOW
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False, base_url="http://127.0.0.1")


class NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Show where it leads instead."""


def there_and_back(client: TestClient, wanted: str = "/") -> str:
    """Go to the provider as a browser does; return the address that it sends back to."""
    left = client.get("/sign-in/provider", params={"next": wanted})
    assert left.status_code == 303, left.text
    try:
        build_opener(NoRedirects).open(left.headers["location"])
    except OSError as answer:  # urllib calls a redirect that it does not follow an error
        return str(answer.headers["location"]).removeprefix("http://127.0.0.1")  # type: ignore[attr-defined]
    raise AssertionError("the provider sent nobody back")


def test_whoever_the_provider_names_is_in_and_lands_where_they_wanted(own: Running) -> None:
    client = browser(own)
    assert 'href="/sign-in/provider?next=%2Fareas"' in client.get("/sign-in?next=/areas").text
    landed = client.get(there_and_back(client, "/areas"))
    assert (landed.status_code, landed.headers["location"]) == (303, "/areas")
    assert client.get("/v1/me").json()["login"] == "pengawas"
    assert "risk-sign-in" not in client.cookies
    with own.engine.connect() as connection:
        row = connection.execute(select(keeping.audit_log).order_by(keeping.audit_log.c.seq.desc())).mappings().first()
    assert row is not None
    assert row["action"] == "session.open"
    assert "provider" in row["detail"]


def test_a_session_that_the_browser_had_before_ends(own: Running) -> None:
    client = browser(own)
    client.get(there_and_back(client))
    old = client.cookies["risk-session"]
    client.get(there_and_back(client))
    assert client.cookies["risk-session"] != old
    assert browser(own).get("/v1/me", headers={"Cookie": f"risk-session={old}"}).status_code == 401


def test_a_new_key_of_the_provider_is_fetched_when_it_is_used(own: Running, provider: Identities) -> None:
    client = browser(own)
    assert client.get(there_and_back(client)).status_code == 303
    provider.key, provider.algorithm, provider.key_id, provider.published = EC, "ES256", "second", {"second": EC}
    assert client.get(there_and_back(client)).status_code == 303


PUBLIC = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
LIES: dict[str, dict[str, Any]] = {
    "another audience": {"claims": {"aud": "another"}},
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "another sign-in": {"claims": {"nonce": "guessed"}},
    "no nonce": {"claims": {"nonce": None}},
    "over": {"claims": {"exp": NOW - timedelta(minutes=2)}},
    "without an end": {"claims": {"exp": None}},
    "nobody": {"claims": {"preferred_username": None}},
    "no text": {"claims": {"preferred_username": ["pengawas"]}},
    "a stranger's key": {"key": STRANGER},
    "a key nobody knows": {"key": STRANGER, "key_id": "third"},
    "no signature": {"key": None, "algorithm": "none"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_good_opens_nothing(own: Running, provider: Identities, lie: str) -> None:
    for name, value in LIES[lie].items():
        told = {**provider.claims, **value} if name == "claims" else value
        setattr(provider, name, told)
    client = browser(own)
    refused = client.get(there_and_back(client))
    assert refused.status_code == 401
    assert "did not confirm who you are" in client.get(there_and_back(client) + "&lang=en").text
    assert client.get("/v1/me").status_code == 401


def test_a_token_signed_with_the_public_key_as_a_password_opens_nothing(own: Running, provider: Identities) -> None:
    """The old confusion: what everybody may read is used as if it were secret."""

    async def token(request: Request) -> Response:
        asked = provider.codes[str((await request.form())["code"])]
        told = {"iss": provider.issuer, "sub": "1", "aud": CLIENT, "nonce": asked["nonce"], **provider.claims}
        told = {**told, "iat": NOW.timestamp(), "exp": (NOW + timedelta(minutes=5)).timestamp()}
        parts = b".".join(in_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "first"}, told))
        signature = hmac.digest(PUBLIC, parts, "sha256")
        return JSONResponse({"id_token": b".".join([parts, in_base64(signature)]).decode()})

    provider.token = token  # type: ignore[method-assign]
    client = browser(own)
    assert client.get(there_and_back(client)).status_code == 401


def test_an_answer_counts_once_and_in_the_browser_that_asked_alone(own: Running) -> None:
    client = browser(own)
    back = there_and_back(client)
    assert browser(own).get(back).status_code == 401, "another browser has no cookie"
    other = browser(own)
    there_and_back(other)
    assert other.get(back).status_code == 401, "another sign-in has another state"
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert client.get(f"/sign-in/return?error=access_denied&state={state}").status_code == 401
    assert client.get(back).status_code == 401, "the sign-in was over with the refusal"
    fresh = there_and_back(client)
    kept = client.cookies["risk-sign-in"]
    assert client.get(fresh).status_code == 303
    assert browser(own).get(fresh, headers={"Cookie": f"risk-sign-in={kept}"}).status_code == 401


@pytest.mark.parametrize("login", ["tidak-ada", "pengawas2", ""])
def test_nobody_becomes_a_user_by_the_provider(own: Running, provider: Identities, login: str) -> None:
    provider.claims["preferred_username"] = login
    client = browser(own)
    refused = client.get(there_and_back(client) + "&lang=en")
    assert refused.status_code == 403
    assert "ask an administrator to add you" in refused.text
    with own.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(people.users)).scalar_one() == 1


def test_a_user_who_may_no_longer_sign_in_stays_out(own: Running) -> None:
    with own.engine.begin() as connection:
        connection.execute(update(people.users).values(active=False))
    client = browser(own)
    assert client.get(there_and_back(client)).status_code == 403


def test_an_address_of_mail_counts_once_the_provider_checked_it(
    own: Running, provider: Identities, make_settings: Callable[..., Settings]
) -> None:
    kept = own.settings.model_dump(exclude={"oidc_claim"})
    one = Running(Settings(**kept, oidc_claim="email"))
    create_user(one, NewUser("a@b.example", "national", None), By("user:test", "admin", NOW))
    for verified, status in ((None, 401), (False, 401), ("true", 401), (True, 303)):
        provider.claims = {"email": "a@b.example", "email_verified": verified}
        client = browser(one)
        assert client.get(there_and_back(client)).status_code == status, verified
    one.close()


def test_a_provider_that_is_away_is_said_and_the_password_still_works(own: Running, provider: Identities) -> None:
    provider.broken = True
    client = browser(own)
    away = client.get("/sign-in/provider?lang=en")
    assert away.status_code == 503
    assert "sign in with your password" in away.text
    assert 'name="password"' in away.text


def test_without_a_provider_there_is_no_such_address(client: TestClient) -> None:
    assert client.get("/sign-in/provider").status_code == 404
    assert client.get("/sign-in/return?code=x&state=y").status_code == 404
    assert "/sign-in/provider" not in client.get("/sign-in").text


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_site(own: Running, wanted: str) -> None:
    client = browser(own)
    assert client.get(there_and_back(client, wanted)).headers["location"] == "/"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"oidc_client_id": None}, "needs RISK_OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://id.example"}, "RISK_OIDC_ISSUER is 'http://id.example'"),
        ({"oidc_return_address": "http://risk.example/sign-in/return"}, "begins with https://"),
        ({"oidc_return_address": "https://risk.example/"}, "does not end in /sign-in/return"),
    ],
)
def test_settings_that_are_not_whole_or_not_safe_are_refused(changed: dict[str, Any], said: str) -> None:
    whole = {"oidc_issuer": "https://id.example", "oidc_client_id": CLIENT, "oidc_return_address": RETURN}
    Settings(**whole)
    with pytest.raises(ValidationError, match=said):
        Settings(**{**whole, **changed})
