"""How is this service set up?

Every setting is an environment variable that begins with `RISK_`; none is needed to start.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from risk_model.errors import InputError, nearest

PREFIX: Final = "RISK_"
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
PLACEMENT_ID_FIELD: Final = "{placement_id}"


class Settings(BaseSettings):
    """The settings of one service process; a field `port` is read from `RISK_PORT`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database_url: str = Field("sqlite:///var/service.db", description="SQLite or PostgreSQL, as SQLAlchemy writes it")
    model_dir: Path = Field(Path("models/champion"), description="folder of the release that is served")
    public_key: Path = Field(Path("var/keys/release_key.pub"), description="key that a release must be signed with")
    specification: Path = Field(Path("models/placement_risk.yaml"), description="which histories are kept")
    offices: Path | None = Field(None, description="offices.csv of your own; default: NTT's offices and the missions")
    default_office: str = Field("BP3MI-NTT", description="the office a page opens with")
    source_link: str | None = Field(None, description="address of a case in the source system, with {placement_id}")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(8000, description="port to listen on")
    allow_unauthenticated: bool = Field(False, description="1: listen on other addresses although nobody signs in")
    random_share: Annotated[float, Field(ge=0.03, le=0.20)] = Field(0.05, description="share of visits drawn at random")
    coverage_share: Annotated[float, Field(ge=0, le=0.80)] = Field(
        0.15, description="share that every cell gets some of"
    )
    figures_valid_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = Field(
        60, description="how long figures of segments are kept while events come in"
    )
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
    def _nobody_outside_without_sign_in(self) -> Self:
        if self.host not in LOOPBACK and not self.allow_unauthenticated:
            raise ValueError(
                f"{PREFIX}HOST={self.host} lets other machines read the lists, and this version has no sign-in yet; "
                f"leave {PREFIX}HOST away, or set {PREFIX}ALLOW_UNAUTHENTICATED=1 where the network itself is closed"
            )
        return self


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
