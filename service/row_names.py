"""What is a row called, and where is it?"""

from risk_model import vocabulary
from service.language import Language
from service.payloads.answers import ListRow
from service.payloads.requests import Unit


def unit_name(row: ListRow, unit: Unit, language: Language) -> str | None:
    """Return what a row is about: the corridor of a placement, or the name of what else is visited.

    None where the reader may not see it.
    """
    if unit == "placement":
        return corridor_of(row, language)
    return vocabulary.label("areas", row.unit_id, language) if unit == "area" and row.unit_id else row.unit_id


def corridor_of(row: ListRow, language: Language) -> str:
    """Return destination and sector, as far as they are recorded."""
    codes = (("destinations", row.destination), ("sectors", row.sector))
    return " · ".join(vocabulary.label(table, code, language) for table, code in codes if code)


def place_of(row: ListRow, language: Language) -> str | None:
    """Return the two smallest areas that are known, the smaller first; None where none is."""
    names = [place.label_id if language == "id" else place.label_en for place in row.places[1:] or row.places]
    return ", ".join(reversed(names[-2:])) or None
