"""What is set for all processes at once?"""

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from service.tables.keeping import switches

MODEL, RELEASE = "model", "release"
"""Names of switches: whether the model answers or the two-line rule, and the word to read the release again."""
ON, OFF = "on", "off"


def read_switches(engine: Engine) -> dict[str, str]:
    """Return what is set, by name."""
    with engine.connect() as connection:
        rows = connection.execute(select(switches.c.name, switches.c.value))
        return {row.name: row.value for row in rows}


def set_switch(connection: Connection, name: str, value: str, *, now: datetime, by: str) -> None:
    """Set `name` to `value` within a transaction for writing; `now` is naive UTC, `by` who did it."""
    connection.execute(delete(switches).where(switches.c.name == name))
    connection.execute(insert(switches), {"name": name, "value": value, "changed_at": now, "changed_by": by})
