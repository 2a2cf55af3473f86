"""How does a whole SQLite database get into one file while others write to it?"""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine

SIDE_FILES = ("-wal", "-shm")
"""What SQLite keeps beside a database while it is open."""


def copy_to(engine: Engine, path: Path) -> None:
    """Copy the database of `engine` into the new file `path`, as it is at one instant; writers go on."""
    raw = engine.raw_connection()
    target = sqlite3.connect(path)
    try:
        source = raw.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(target)  # one step: a database that others write to would begin anew at each
        target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    finally:
        target.close()
        raw.close()


def remove_side_files(path: Path) -> None:
    """Remove what an empty database `path` kept beside it, so that nothing of it gets into one put in its place."""
    for side in SIDE_FILES:
        path.with_name(path.name + side).unlink(missing_ok=True)
