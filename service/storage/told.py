"""How much was told to the service so far?"""

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from service.tables.happenings import events, inspections, placement_versions
from service.tables.register import imports


@dataclass(frozen=True)
class Told:
    """The highest number of each table of what was told; 0 where it is empty. Equal means that nothing came since."""

    imports: int
    versions: int
    events: int
    inspections: int


def told_so_far(engine: Engine) -> Told:
    """Return up to where the tables go at present."""
    numbers = (imports.c.import_id, placement_versions.c.version_id, events.c.seq, inspections.c.seq)
    highest = [select(func.coalesce(func.max(number), 0)).scalar_subquery() for number in numbers]
    with engine.connect() as connection:
        return Told(*connection.execute(select(*highest)).one())
