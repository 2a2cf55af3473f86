"""What does one running service hold?"""

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine

from risk_model.data.worker_reference import load_key
from risk_model.specification import Specification, read_specification
from risk_model.vocabulary import Office
from service.audit_key import load_or_create_audit_key
from service.champion import Served
from service.following import Following
from service.kept_figures import Basis, KeptFigures
from service.live_scoring import LiveScoring
from service.made_apart import Apart
from service.offices import read_offices
from service.oidc import Provider
from service.receipt_keys import ReceiptKeys
from service.served_now import ServedNow
from service.settings import Settings
from service.storage.audit import Entry, append_all
from service.storage.engine import open_engine
from service.storage.receipts import save_bundles
from service.storage.told import told_so_far
from service.writing_together import TogetherWriter

Figures = TypeVar("Figures")


class Running:
    """The settings, database, model and offices of one process; it follows newer imports by itself."""

    def __init__(self, settings: Settings) -> None:
        """Open the database and read model and offices.

        Raises:
            InputError: a setting that cannot be used, or a database that cannot be reached.
        """
        self.settings = settings
        self.engine: Engine = open_engine(settings.database_url)
        self.serving = ServedNow(settings, self.engine)
        self.offices: Mapping[str, Office] = read_offices(settings.offices)
        self.following = Following(self.engine, lambda: self.specification)
        self.figures = KeptFigures()
        self.apart = Apart(settings.database_url)
        self.audit_writer = TogetherWriter(self.engine, self._log)
        self.scores_are_due = threading.Event()
        """Set where this process has put scores off; whether any wait is in the database."""
        self.receipt_keys = ReceiptKeys(settings.receipt_key)
        self.receipt_writer = TogetherWriter(self.engine, save_bundles)

    def _log(self, connection: Connection, entries: Sequence[Entry]) -> None:
        append_all(connection, entries, key=self.audit_key)

    @property
    def served(self) -> Served:
        """The model that answers at this moment; ask once where one answer needs it twice."""
        return self.serving.get()

    def scoring(self) -> LiveScoring:
        """Return the model with the histories as they are now."""
        return LiveScoring(self.served, self.following.histories())

    def scoring_lately(self) -> LiveScoring:
        """Return the model with the histories, which another process may have changed a moment ago."""
        return LiveScoring(self.served, self.following.histories_lately())

    def scoring_known(self) -> LiveScoring | None:
        """Return the same where the database need not be asked; None where it has to be."""
        known = self.following.histories_known()
        return None if known is None else LiveScoring(self.serving.last, known)

    @cached_property
    def audit_key(self) -> bytes:
        """The key that seals the audit log.

        Raises:
            InputError: its file cannot be used.
        """
        return load_or_create_audit_key(self.settings.audit_key_file)

    @cached_property
    def provider(self) -> Provider | None:
        """The provider of identities that staff may sign in by; None where the settings name none."""
        return Provider(self.settings) if self.settings.oidc_issuer else None

    @cached_property
    def worker_key(self) -> bytes:
        """The secret of the references of workers: the same person gets the same one from every import.

        Raises:
            UnreadableFileError: the file cannot be read or made.
        """
        return load_key(self.settings.worker_key_file)

    @cached_property
    def specification(self) -> Specification:
        """What is learnt, and which histories are kept.

        Raises:
            SpecificationError: the file is missing or contradicts itself.
        """
        return read_specification(self.settings.specification)

    def kept_figures(
        self, name: Hashable, *, now: datetime, make: Callable[[], Figures], also: Hashable = None
    ) -> Figures:
        """Return figures over the whole register, made by `make` where those that are kept no longer hold.

        They hold until the next import or until `also` changes, and at most `figures_valid_minutes` after
        something else was told: so nobody can read one visit from the figures before and after it.
        """
        told = told_so_far(self.engine)
        good_for = timedelta(minutes=self.settings.figures_valid_minutes)
        return self.figures.get(name, Basis((told.imports, also), told), now=now, good_for=good_for, make=make)

    def close(self) -> None:
        """Let go of the database; figures that are being made are given up."""
        self.apart.stop()
        self.engine.dispose()


def utc_now() -> datetime:
    """Return the present instant; only routes and the command line ask for it."""
    return datetime.now(UTC)


async def running_of(request: Request) -> Running:  # no thread for a look-up
    """Return what the application that got `request` runs on."""
    return cast("Running", request.app.state.running)


Service = Annotated[Running, Depends(running_of)]
Now = Annotated[datetime, Depends(utc_now)]
