"""Which offices are there?

NTT's offices and the missions ship with the project; another province names its own in a CSV file
with the columns of the contract: code, name, kind, areas, destinations, monthly_visits.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from risk_model import vocabulary
from risk_model.errors import InputError, repair_hint
from risk_model.vocabulary import LIST_SEPARATOR, Office

COLUMNS: Final = ("code", "name", "kind", "areas", "destinations", "monthly_visits")
KINDS: Final = ("bp3mi", "p4mi", "disnaker", "ltsa", "mission", "province", "ministry")


def read_offices(path: Path | None) -> Mapping[str, Office]:
    """Return the offices in the file `path` by code, or those that ship with the project.

    Raises:
        InputError: naming row, column, what was found and what is allowed.
    """
    if path is None:
        return {office.code: office for office in vocabulary.offices()}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(f"{path}: lacks the column(s) {', '.join(missing)}; expected: {', '.join(COLUMNS)}")
            rows = [_office(row, f"{path}: row {number}") for number, row in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"RISK_OFFICES is {path}: not readable ({error}); name a UTF-8 CSV file") from error
    return {office.code: office for office in rows}


def _office(row: Mapping[str, str], where: str) -> Office:
    if not row["code"]:
        raise InputError(f"{where}: code is empty; every office needs one")
    if row["kind"] not in KINDS:
        raise InputError(f"{where}: kind is {row['kind']!r}; {repair_hint(row['kind'], KINDS)}")
    areas, destinations = _items(row["areas"]), _items(row["destinations"])
    for area in areas:
        if vocabulary.area(area) is None:
            raise InputError(f"{where}: areas holds {area!r}, not a Kemendagri code such as 53 or 53.11")
    for destination in destinations:
        if destination not in vocabulary.codes("destinations"):
            hint = repair_hint(destination, vocabulary.codes("destinations"))
            raise InputError(f"{where}: destinations holds {destination!r}, not a country code; {hint}")
    visits = row["monthly_visits"].strip()
    if visits and not visits.isdigit():
        raise InputError(f"{where}: monthly_visits is {visits!r}; write a whole number, or nothing where unknown")
    return Office(
        code=row["code"],
        name=row["name"] or row["code"],
        kind=row["kind"],
        areas=areas,
        destinations=destinations,
        monthly_visits=int(visits) if visits else None,
        source=where,
        verified=False,
    )


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(LIST_SEPARATOR) if item.strip())
