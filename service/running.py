"""What does one running service hold?"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy import Engine

from risk_model.placements.look_up import Snapshot
from risk_model.vocabulary import Office
from service.champion import Served, served_model
from service.kept_figures import KeptFigures
from service.live_scoring import NONE_IMPORTED, Histories, LiveScoring
from service.offices import read_offices
from service.settings import Settings
from service.storage.engine import open_engine
from service.storage.register import newest_import, read_snapshot


class Running:
    """The settings, database, model and offices of one process; it follows newer imports by itself."""

    def __init__(self, settings: Settings) -> None:
        """Open the database and read model and offices.

        Raises:
            InputError: a setting that cannot be used, or a database that cannot be reached.
        """
        self.settings = settings
        self.engine: Engine = open_engine(settings.database_url)
        self.served: Served = served_model(settings.model_dir, settings.public_key)
        self.offices: Mapping[str, Office] = read_offices(settings.offices)
        self._histories = NONE_IMPORTED
        self.figures = KeptFigures()

    def scoring(self) -> LiveScoring:
        """Return the model with the histories of the newest import."""
        newest = newest_import(self.engine)
        if newest is None:
            return LiveScoring(self.served, NONE_IMPORTED)
        if newest.import_id != self._histories.import_id:
            snapshot = Snapshot.from_json(read_snapshot(self.engine, newest.import_id))
            as_of = newest.as_of.replace(tzinfo=UTC)
            self._histories = Histories(newest.import_id, as_of, newest.data_origin, snapshot)
        return LiveScoring(self.served, self._histories)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def utc_now() -> datetime:
    """Return the present instant; only routes and the command line ask for it."""
    return datetime.now(UTC)


def running_of(request: Request) -> Running:
    """Return what the application that got `request` runs on."""
    return cast("Running", request.app.state.running)


Service = Annotated[Running, Depends(running_of)]
Now = Annotated[datetime, Depends(utc_now)]
