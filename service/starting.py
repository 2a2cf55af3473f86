"""What does a command run on?"""

import os

import typer

from risk_model.errors import InputError
from service.running import Running
from service.settings import Settings, likely_misspelt, read_settings
from service.storage.engine import is_current, migrate


def stated_settings() -> Settings:
    """Return the settings of the environment; a variable that is probably misspelt is named on the terminal.

    Raises:
        InputError: a setting that cannot be used.
    """
    settings = read_settings()
    for name, meant in likely_misspelt(os.environ).items():
        typer.echo(f"note: {name} is no setting; did you mean {meant}?", err=True)
    return settings


def with_tables(settings: Settings) -> Running:
    """Return what runs on `settings`; SQLite gets its tables at once, PostgreSQL by `migrate` alone.

    Raises:
        InputError: the database cannot be reached, or its tables are those of another version.
    """
    running = Running(settings)
    if not is_current(running.engine):
        if running.engine.dialect.name != "sqlite":
            raise InputError("the tables are not those of this version; run: risk-service migrate")
        migrate(running.engine)
    return running
