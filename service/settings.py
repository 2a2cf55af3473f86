"""How is this service set up?

Every setting is an environment variable that begins with `RISK_`; none is needed to start.
"""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from risk_model.errors import InputError, nearest

PREFIX: Final = "RISK_"
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
PLACEMENT_ID_FIELD: Final = "{placement_id}"
RETURN_PATH: Final = "/sign-in/return"
"""Where the provider of identities sends the browser back to."""


class Settings(BaseSettings):
    """The settings of one service process; a field `port` is read from `RISK_PORT`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database_url: str = Field("sqlite:///var/service.db", description="SQLite or PostgreSQL, as SQLAlchemy writes it")
    model_dir: Path = Field(Path("models/champion"), description="folder of the release that is served")
    public_key: Path = Field(Path("var/keys/release_key.pub"), description="key that a release must be signed with")
    audit_key_file: Path = Field(Path("var/keys/audit.key"), description="file with the key that seals the audit log")
    worker_key_file: Path = Field(
        Path("var/keys/worker_ref.key"), description="secret of the references of workers; made where missing"
    )
    receipt_key: Path = Field(
        Path("var/keys/receipt_key.pem"), description="key that signs the receipts of scores; made where missing"
    )
    corridor_refresh_minutes: Annotated[float, Field(gt=0)] = Field(
        60, description="minutes between two refreshes of the histories of corridors"
    )
    specification: Path = Field(Path("models/placement_risk.yaml"), description="which histories are kept")
    offices: Path | None = Field(None, description="offices.csv of your own; default: NTT's offices and the missions")
    default_office: str = Field("BP3MI-NTT", description="the office a page opens with")
    source_link: str | None = Field(None, description="address of a case in the source system, with {placement_id}")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="port to listen on")
    workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="processes that answer, on one socket")
    secure_cookies: bool | None = Field(
        None, description="0: sessions also without TLS, in a closed network; default: only where HOST is this machine"
    )
    session_hours: Annotated[int, Field(ge=1, le=24)] = Field(12, description="hours until a session ends")
    session_idle_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = Field(
        60, description="minutes without a request until a session ends"
    )
    oidc_issuer: str | None = Field(
        None, description="address of the OpenID Connect provider that staff may sign in by"
    )
    oidc_client_id: str | None = Field(None, description="what the provider calls this service")
    oidc_client_secret_file: Path | None = Field(None, description="file with the secret, where the provider gave one")
    oidc_return_address: str | None = Field(
        None, description="address of this service with /sign-in/return behind it, as the provider knows it"
    )
    oidc_claim: str = Field("preferred_username", description="claim that holds the login; email counts once verified")
    oidc_scope: str = Field("openid profile email", description="what the provider is asked for")
    caller_rate: Annotated[float, Field(gt=0)] = Field(100, description="requests of one caller per second and worker")
    caller_burst: Annotated[int, Field(ge=1)] = Field(200, description="requests one caller may send at once")
    requests_in_work: Annotated[int, Field(ge=1)] = Field(32, description="requests one worker answers at a time")
    request_seconds: Annotated[float, Field(gt=0)] = Field(30, description="seconds until an answer must have begun")
    upload_seconds: Annotated[float, Field(gt=0)] = Field(900, description="the same for imports and batches")
    body_megabytes: Annotated[float, Field(gt=0)] = Field(2, description="largest body of a request")
    upload_megabytes: Annotated[float, Field(gt=0)] = Field(512, description="the same for imports and batches")
    random_share: Annotated[float, Field(ge=0.03, le=0.20)] = Field(0.05, description="share of visits drawn at random")
    coverage_share: Annotated[float, Field(ge=0, le=0.80)] = Field(
        0.15, description="share that every cell gets some of"
    )
    figures_valid_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = Field(
        60, description="how long figures of segments are kept while events come in"
    )
    keep_answers_days: Annotated[int, Field(ge=7)] = Field(
        7, description="days for which answers to an Idempotency-Key stay"
    )
    keep_receipts_years: Annotated[int, Field(ge=5)] = Field(5, description="years for which receipts of scores stay")
    keep_notes_years: Annotated[int, Field(ge=1)] = Field(2, description="years for which what is written freely stays")
    impact_assessment_on: date | None = Field(None, description="date of the impact assessment, such as 2026-03-31")
    score_valid_hours: Annotated[int, Field(ge=1, le=24 * 31)] = Field(24, description="how long a score may be used")

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, url: str) -> str:
        kind, _, rest = url.partition("://")
        if kind in ("postgresql", "postgres"):
            return f"postgresql+psycopg://{rest}"
        if kind in ("sqlite", "postgresql+psycopg"):
            return url
        raise ValueError("neither sqlite:///file nor postgresql://user@host/database")

    @field_validator("source_link")
    @classmethod
    def _link_names_the_placement(cls, link: str | None) -> str | None:
        if link and (not link.startswith(("http://", "https://")) or PLACEMENT_ID_FIELD not in link):
            raise ValueError(f"not a web address that contains {PLACEMENT_ID_FIELD}")
        return link or None

    @model_validator(mode="after")
    def _provider_is_whole(self) -> "Settings":
        if self.oidc_issuer is None:
            return self
        if not self.oidc_client_id or not self.oidc_return_address:
            raise ValueError("RISK_OIDC_ISSUER needs RISK_OIDC_CLIENT_ID and RISK_OIDC_RETURN_ADDRESS beside it")
        for name, address in (("ISSUER", self.oidc_issuer), ("RETURN_ADDRESS", self.oidc_return_address)):
            parts = urlsplit(address)
            if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)):
                raise ValueError(f"RISK_OIDC_{name} is {address!r}: not an address that begins with https://")
        if not self.oidc_return_address.endswith(RETURN_PATH):
            raise ValueError(f"RISK_OIDC_RETURN_ADDRESS is {self.oidc_return_address!r}: does not end in {RETURN_PATH}")
        return self

    @property
    def sends_secure_cookies(self) -> bool:
        """Whether a browser may send the session over TLS alone."""
        return self.host not in LOOPBACK if self.secure_cookies is None else self.secure_cookies


def read_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        InputError: naming each variable at fault, what it holds and what is allowed.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise InputError("; ".join(_repair(fault["loc"], fault["msg"]) for fault in error.errors())) from None


def _repair(where: tuple[int | str, ...], message: str) -> str:
    plain = message.removeprefix("Value error, ")
    if not where:
        return plain
    name = f"{PREFIX}{where[0]}".upper()
    meant = Settings.model_fields[str(where[0])].description
    return f"{name} is {os.environ.get(name, '')!r}: {plain}; this setting is: {meant}"


def likely_misspelt(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that look like a setting but are none, each with the setting probably meant.

    >>> likely_misspelt({"RISK_PROT": "8001", "RISK_NIK_KEY": "x"})
    {'RISK_PROT': 'RISK_PORT'}
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    guesses = {
        name: nearest(name.removeprefix(PREFIX), (key.removeprefix(PREFIX) for key in known))
        for name in environment
        if name.startswith(PREFIX) and name not in known
    }
    return {name: f"{PREFIX}{guess}" for name, guess in guesses.items() if guess}
