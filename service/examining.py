"""What is wrong with this installation, and how is each fault repaired?

Looks at what the service stands on, one part after another, and goes on where one is broken.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Engine, func, make_url, select

from risk_model.errors import InputError, RiskModelError
from risk_model.scoring.release import current_release, read_manifest
from risk_model.scoring.signing_keys import read_public_key
from risk_model.specification import read_specification
from service.audit_anchor import anchor_path, read_anchor
from service.audit_key import load_or_create_audit_key
from service.champion import served_model
from service.impact_assessment import impact_assessment_warning
from service.instants import naive_utc
from service.offices import read_offices
from service.settings import Settings, likely_misspelt, read_settings
from service.storage.engine import is_current, open_engine
from service.storage.register import newest_import

Look = Callable[[Settings], "Check"]
State = Literal["ok", "note", "fault"]
GIGABYTE: Final = 2**30
LEAST_FREE: Final = 1.0
"""Gigabytes that should be free where the database lies: a backup beside it, and room to go on."""
OLD_IMPORT: Final = timedelta(days=35)
"""An import older than a month and some days: the register is kept up by events alone, or by nobody."""
SLOW_CLOCK: Final = timedelta(seconds=5)
"""How far the clocks of service and database may differ: sessions and keys end by either."""
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
MIGRATE: Final = "run: risk-service migrate"
IMPORT: Final = "run: risk-service import --data FOLDER"
BACK_UP: Final = "run: risk-service backup FILE"


@dataclass(frozen=True)
class Check:
    """What was looked at, how it stands, what was found, and the repair where there is something to repair."""

    name: str
    state: State
    found: str
    repair: str | None = None


def examine(now: datetime) -> Iterator[Check]:
    """Yield how each part stands; one that rests on a broken part is left out."""
    try:
        settings = read_settings()
    except RiskModelError as error:
        yield Check("settings", "fault", str(error), "set the variable as it says")
        return
    yield _misspelt()
    for name, look in (("offices", _offices), ("specification", _specification), ("release", _release)):
        yield _looked(name, look, settings)
    yield _looked("impact assessment", lambda stated: _impact_assessment(stated, now), settings)
    for name, look in (("audit key", _audit_key), ("backup", _anchor), ("disk", _disk)):
        yield _looked(name, look, settings)
    missing = _missing_file(settings.database_url)
    if missing is not None:  # opening it would make it, at an address that may be misspelt
        repair = "run: risk-service migrate; or name the file that there is in RISK_DATABASE_URL"
        yield Check("database", "fault", f"there is no file {missing}", repair)
        return
    try:
        engine = open_engine(settings.database_url)
    except InputError as error:
        yield Check("database", "fault", str(error), "start it, or name another in RISK_DATABASE_URL")
        return
    yield from _database(engine, now)
    engine.dispose()


def _missing_file(database_url: str) -> Path | None:
    """Return the file of a SQLite database that is not there; None where there is one, or where none is needed."""
    url = make_url(database_url)
    path = Path(url.database or "")
    return path if url.get_backend_name() == "sqlite" and url.database != ":memory:" and not path.exists() else None


def _looked(name: str, look: Look, settings: Settings) -> Check:
    try:
        return look(settings)
    except (RiskModelError, OSError) as error:
        return Check(name, "fault", str(error), "as it says")


def _misspelt() -> Check:
    wrong = likely_misspelt(os.environ)
    if wrong:
        name, meant = next(iter(wrong.items()))
        return Check("settings", "note", f"{name} is no setting", f"did you mean {meant}?")
    return Check("settings", "ok", "all can be used")


def _offices(settings: Settings) -> Check:
    offices = read_offices(settings.offices)
    if settings.default_office not in offices:
        repair = "name one of them in RISK_DEFAULT_OFFICE"
        return Check("offices", "fault", f"{settings.default_office} is none of the {len(offices)} offices", repair)
    return Check("offices", "ok", f"{len(offices)} offices, {settings.default_office} first")


def _specification(settings: Settings) -> Check:
    specification = read_specification(settings.specification)
    return Check("specification", "ok", f"{len(specification.features)} features")


def _release(settings: Settings) -> Check:
    served = served_model(settings.model_dir, settings.public_key, settings.specification)
    if served.reason is None:
        return Check("release", "ok", f"{served.version}, {served.data_origin} data")
    return Check("release", "fault" if served.refused else "note", f"{served.version} answers", served.reason)


def _impact_assessment(settings: Settings, now: datetime) -> Check:
    served = served_model(settings.model_dir, settings.public_key, settings.specification)
    made = None
    if served.reason is None:
        manifest = read_manifest(current_release(settings.model_dir), public_key=read_public_key(settings.public_key))
        made = datetime.fromisoformat(manifest.created_at)
    warning = impact_assessment_warning(settings, now, model_made=made)
    if warning is None:
        return Check("impact assessment", "ok", f"held on {settings.impact_assessment_on}")
    found, _, repair = warning.partition("; ")
    return Check("impact assessment", "note", found, repair)


def _audit_key(settings: Settings) -> Check:
    path = settings.audit_key_file
    if not path.exists():
        return Check("audit key", "note", f"{path} is not there yet", "it is made on first use; keep a copy elsewhere")
    load_or_create_audit_key(path)
    if stat.S_IMODE(path.stat().st_mode) & OTHERS:
        return Check("audit key", "fault", f"others may read {path}", f"run: chmod 600 {path}")
    return Check("audit key", "ok", str(path))


def _anchor(settings: Settings) -> Check:
    path = anchor_path(settings.audit_key_file)
    anchor = read_anchor(path)
    if anchor is None:
        return Check("backup", "note", "the audit log has no anchor outside the database yet", BACK_UP)
    return Check("backup", "ok", f"the audit log is anchored up to row {anchor.seq}")


def _disk(settings: Settings) -> Check:
    place = _existing(Path(settings.database_url.removeprefix("sqlite:///")).absolute().parent)
    free = shutil.disk_usage(place).free / GIGABYTE
    if free < LEAST_FREE:
        return Check("disk", "fault", f"{free:.1f} GB free at {place}", f"free {LEAST_FREE:g} GB at least")
    return Check("disk", "ok", f"{free:.1f} GB free at {place}")


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


def _database(engine: Engine, now: datetime) -> Iterator[Check]:
    shown = engine.url.render_as_string(hide_password=True)
    yield Check("database", "ok", shown)
    if not is_current(engine):
        yield Check("tables", "fault", "not those of this version", MIGRATE)
        return
    yield Check("tables", "ok", "those of this version")
    yield _clock(engine, now)
    newest = newest_import(engine)
    if newest is None:
        yield Check("register", "fault", "no placements yet", IMPORT)
        return
    age = naive_utc(now) - newest.imported_at
    found = f"{newest.placements} placements as of {newest.as_of.date()} ({newest.data_origin})"
    old = age > OLD_IMPORT
    yield Check("register", "note" if old else "ok", found, f"imported {age.days} days ago; {IMPORT}" if old else None)


def _clock(engine: Engine, now: datetime) -> Check:
    """Compare this machine's clock with the database's, and with what was stored before."""
    with engine.connect() as connection:
        theirs = connection.execute(select(func.now())).scalar_one() if engine.dialect.name == "postgresql" else now
    newest = newest_import(engine)
    ahead = max(abs(theirs - now), newest.imported_at.replace(tzinfo=UTC) - now if newest else timedelta())
    if ahead > SLOW_CLOCK:
        seconds = ahead.total_seconds()
        return Check("clock", "fault", f"{seconds:.0f} s off what the database holds", "set the clock, or run NTP")
    return Check("clock", "ok", f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
