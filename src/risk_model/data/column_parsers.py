"""What value does a cell of a mapped column become?"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from risk_model import vocabulary
from risk_model.data.cells import amounts, areas, codes, dates, identifiers
from risk_model.data.cells.cell import SIGNED_NUMBER, Broken, Cell, Refusal, is_blank, key, tidy
from risk_model.data.mapping import RANGED, Column, ExportMapping, Value
from risk_model.data.worker_reference import name_reference, worker_reference

Parse = Callable[[tuple[Cell, ...]], object]
"""Takes the cells a value is made from; returns the value, None for "not recorded", or a `Refusal`."""

LONGEST_FIGURE: Final = 64
"""No date, amount or count is longer; longer texts are refused unread."""
LONGEST_CELL: Final = 2_000
"""Longer cells are refused unread in every column."""
WHOLE_WITH_DECIMAL: Final = re.compile(r"\s*(\d+)\.0\s*")
"""A whole number as programs write it that count with fractions: 2.0 for 2."""
WORDS: Final = frozenset(("id", "code", "flag", "text"))
FIGURES: Final = RANGED | {"date", "instant", "probability"}

_PLAIN: Final[Mapping[str, Callable[[Cell], object]]] = {
    "id": identifiers.parse_id,
    "text": identifiers.without_personal,
    "flag": codes.parse_flag,
    "date": dates.parse_day,
    "instant": dates.parse_instant,
    "money": amounts.parse_money,
    "months": amounts.parse_months,
    "whole": amounts.parse_whole,
    "probability": amounts.parse_probability,
}


def parser(name: str, mapping: ExportMapping, *, worker_key: bytes) -> Parse:
    """Return the function that reads the cells of our column `name`."""
    column = mapping.columns[name]
    blanks = mapping.blank_keys | {key(word) for word in column.blanks}
    if column.kind == "worker":
        parse = _worker_parser(blanks, worker_key)
    elif column.kind == "area":
        parse = _area_parser(blanks, mapping.area_system)
    else:
        parse = _cell_parser(name, column, blanks, worker_key=worker_key)

    def unless_spoilt(cells: tuple[Cell, ...]) -> object:
        broken = next((cell for cell in cells if isinstance(cell, Broken)), None)
        if broken is not None:
            return Refusal(broken.rule, broken.suggestion, final=not broken.has_value)
        too_long = any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells)
        return Refusal(f"longer than {LONGEST_CELL} characters", "give the value alone") if too_long else parse(cells)

    return unless_spoilt


def _cell_parser(name: str, column: Column, blanks: frozenset[str], *, worker_key: bytes) -> Parse:
    known = _known_words(column)
    parse_one = _one_cell(name, column, worker_key=worker_key)

    def parse(cells: tuple[Cell, ...]) -> object:
        cell = cells[0] if cells else None
        if column.kind in WORDS and isinstance(cell, str) and (whole := WHOLE_WITH_DECIMAL.fullmatch(cell)):
            cell = whole[1]
        if key(cell) in known:
            return known[key(cell)]
        nobody = column.kind in ("id", "text") and not key(cell).strip("0")
        return None if nobody or is_blank(cell, blanks) else _in_range(parse_one(cell), column)

    return parse


def _area_parser(blanks: frozenset[str], system: str | None) -> Parse:
    def parse(cells: tuple[Cell, ...]) -> object:
        code, name = (*cells, None, None)[:2]
        return areas.parse_area(code, name, system, blanks)

    return parse


def _known_words(column: Column) -> dict[str, Value]:
    stated = {key(word): value for word, value in column.codes.items()}
    return {**codes.FLAGS, **stated} if column.kind == "flag" else stated


def _one_cell(name: str, column: Column, *, worker_key: bytes) -> Callable[[Cell], object]:
    if column.kind == "code":
        return _code_parser(column)
    if column.kind == "reference":
        return lambda cell: name_reference(name, tidy(cell), key=worker_key)
    plain = _PLAIN[column.kind]
    if column.kind not in FIGURES:
        return plain
    return lambda cell: Refusal("too long for a figure") if len(tidy(cell)) > LONGEST_FIGURE else plain(cell)


def _worker_parser(blanks: frozenset[str], worker_key: bytes) -> Parse:
    def parse(cells: tuple[Cell, ...]) -> object:
        nik, worker_id = (*cells, None, None)[:2]
        number = identifiers.worker_number(nik, worker_id, blanks)
        if number is not None:
            return worker_reference(number, key=worker_key)
        return None if is_blank(nik, blanks) else Refusal("not the 16 digits of a NIK", "export the column as text")

    return parse


def _code_parser(column: Column) -> Callable[[Cell], object]:
    stated = {key(word): value for word, value in column.codes.items()}
    patterns = [(re.compile(pattern.match, re.I), pattern.becomes) for pattern in column.patterns]
    in_tables = codes.finder(column.vocabulary)

    def find(text: str) -> str | None:
        if key(text) in stated:
            return str(stated[key(text)])
        return None if SIGNED_NUMBER.match(text) else in_tables(text)  # the tables' words have no signs: -1 is not 1

    def parse(cell: Cell) -> object:
        found: object = codes.parse_code(cell, find, highest=column.highest_of_several)
        if found is None:
            found = next((becomes for pattern, becomes in patterns if pattern.fullmatch(tidy(cell))), None)
        if found is None and column.if_unreadable == "keep":
            found = identifiers.without_personal(cell)
        return codes.refuse_code(cell, column.vocabulary, column.codes) if found is None else found

    return parse


def _in_range(value: object, column: Column) -> object:
    if column.range is None or not isinstance(value, int | float):
        return value
    low, high = column.range
    if low <= value <= high:
        return value
    without_sign = value < 0 and low <= -value <= high
    nearest = -value if without_sign else max(low, min(value, high))
    return Refusal(f"outside {low:.15g} to {high:.15g}", f"{nearest:.15g}")


def of_code(column: Column, code: str, extra: str) -> str | None:
    """Return what the reference table of `column` says about `code` in its column `extra`."""
    for name in column.vocabulary:
        row = vocabulary.table(name).get(code)
        if row is not None:
            return row.extra.get(extra) or None
    return None
