"""Which rows of cells does an Excel workbook hold?"""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final, TypeAlias

import openpyxl
from openpyxl.chartsheet import Chartsheet

from risk_model.data.cells.cell import Broken, Cell, is_empty, unless_broken
from risk_model.errors import UnreadableFileError

MOST_BYTES: Final = 1_500_000_000
"""Unpacked size above which a workbook is refused; a million rows of twenty columns stay below it."""

MOST_TIMES: Final = 200
SMALL_BYTES: Final = 100_000_000
"""A workbook above this size that unpacks to more than so many times its own is made to fill a memory."""

FORMULA_TAG: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
CHUNK: Final = 1 << 20
CONTROL_ESCAPE: Final = re.compile(r"_x00(?:[01][0-9A-F]|7F)_", re.I)
"""How a workbook writes control characters; `_x000D_` is the line break of another system."""

Row: TypeAlias = tuple[int, tuple[Cell, ...]]
"""The row's number as a spreadsheet counts it, and its cells."""


@dataclass(frozen=True)
class Sheet:
    """The non-empty rows of one sheet, none of a `hidden` one; `name` is empty for files that have no sheets."""

    name: str
    rows: tuple[Row, ...]
    hidden: bool = False


def read_workbook(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook, of hidden ones the name alone unless none is visible; hidden rows count.

    A formula stands for the value stored with it; where none is stored the cell is `Broken`.

    Raises:
        UnreadableFileError: not an Excel workbook, damaged, protected, or too large when unpacked.
    """
    has_formulas = _check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations, which carry no data
            with path.open("rb") as file, path.open("rb") as again:  # opened here, as openpyxl goes by the name
                values = openpyxl.load_workbook(file, read_only=True, data_only=True)
                formulas = openpyxl.load_workbook(again, read_only=True) if has_formulas else None
                tables = [sheet for sheet in values.worksheets if not isinstance(sheet, Chartsheet)]
                shown = [sheet for sheet in tables if sheet.sheet_state == "visible"] or tables
                sheets = [
                    Sheet(sheet.title, tuple(_rows(sheet, formulas)) if sheet in shown else (), sheet not in shown)
                    for sheet in tables
                ]
    except Exception as error:  # the parser fails in its own ways on damaged XML; all mean a damaged file
        raise UnreadableFileError(
            f"{path.name}: a damaged workbook ({type(error).__name__}); open it in a spreadsheet program, "
            "let it repair the file, and save it as .xlsx again"
        ) from error
    if not any(sheet.rows for sheet in sheets):
        raise UnreadableFileError(f"{path.name}: no sheet holds anything; export it again")
    return sheets


def _check_archive(path: Path) -> bool:
    """Refuse what is no workbook or would fill the memory; say whether any sheet has formulas."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if "mimetype" in names or "content.xml" in names:
                raise UnreadableFileError(f"{path.name}: an OpenDocument file (.ods); save it as .xlsx or .csv")
            if any(name.endswith("workbook.bin") for name in names):
                raise UnreadableFileError(f"{path.name}: a binary workbook (.xlsb); save it as .xlsx or .csv")
            if not any(name.endswith("workbook.xml") for name in names):
                raise UnreadableFileError(f"{path.name}: an archive that is no Excel workbook; unpack it first")
            _check_size(path, entries)
            return any(_has_formulas(archive, name) for name in names if "worksheets/" in name)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise UnreadableFileError(
            f"{path.name}: a damaged or protected workbook ({error}); save it again as .xlsx without a password"
        ) from error


def _check_size(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        raise UnreadableFileError(
            f"{path.name}: unpacks to {size / 1e9:.1f} GB, more than the {MOST_BYTES / 1e9:.1f} GB that are "
            "read; split it by year, or save it as .csv"
        )
    if size > SMALL_BYTES and size > MOST_TIMES * path.stat().st_size:
        raise UnreadableFileError(
            f"{path.name}: unpacks to more than {MOST_TIMES} times its size, which no table does; save it again as "
            ".xlsx, or as .csv"
        )


def _has_formulas(archive: zipfile.ZipFile, name: str) -> bool:
    tail = b""
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            if FORMULA_TAG.search(tail + chunk):
                return True
            tail = chunk[-32:]
    return False


def _rows(sheet: Any, formulas: Any) -> Iterator[Row]:
    """Yield the non-empty rows of a read-only sheet; openpyxl's stubs do not cover reading."""
    sheet.reset_dimensions()  # exporters write wrong sizes
    partner: Any = ()
    if formulas is not None:
        partner = formulas[sheet.title]
        partner.reset_dimensions()
        partner = partner.rows
    for number, (cells, written) in enumerate(zip_longest(sheet.rows, partner, fillvalue=()), start=1):
        row = tuple(map(_value, cells)) if not written else _row_with_formulas(cells, written)
        if not all(map(is_empty, row)):
            yield number, row


def _row_with_formulas(cells: Sequence[Any], written: Sequence[Any]) -> tuple[Cell, ...]:
    return tuple(
        _uncalculated(formula)
        if formula.data_type == "f" and cell.value is None and cell.data_type != "str"
        else _value(cell)
        for cell, formula in zip(cells, written, strict=True)
    )


def _uncalculated(formula: Any) -> Broken:
    text = getattr(formula.value, "text", formula.value)
    return Broken(
        str(text), "a formula without a stored value", "open the file in a spreadsheet program and save it", False
    )


def _value(cell: Any) -> Cell:
    value: Cell = cell.value
    return unless_broken(CONTROL_ESCAPE.sub(" ", value)) if isinstance(value, str) else value
