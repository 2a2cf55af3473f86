"""Which rows of cells does an office file hold?"""

import codecs
import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow
import pyarrow.parquet

from risk_model.data import workbook
from risk_model.data.cells.cell import Cell, is_empty, unless_broken
from risk_model.data.workbook import Row, Sheet
from risk_model.errors import UnreadableFileError

Score = Callable[[Sequence[Cell]], int]
"""How many headings of the mapping a row holds: how a delimiter and a sheet are chosen."""

DELIMITERS: Final = (";", ",", "\t", "|")
ROWS_TO_FIND_DELIMITER: Final = 80
ENCODING_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NUL_SHARE_OF_UTF16: Final = 0.2
"""Western text as UTF-16 is NUL in every second byte; a fifth is far above what other text has."""

csv.field_size_limit(2**31 - 1)
"""A cell that is too long refuses its row, not the whole file."""

OLE_HEADER: Final = b"\xd0\xcf\x11\xe0"
MARKUP: Final = re.compile(rb"\s*(?:<\?xml|<!doctype|<html|<table|<meta|<style|mime-version)", re.I)
SAVE_AS: Final = "open it in a spreadsheet program and save it as .xlsx or .csv"


@dataclass(frozen=True)
class _Kind:
    header: bytes
    is_a: str
    repair: str


FOREIGN: Final = (
    _Kind(OLE_HEADER, "an old .xls file, or a workbook with a password", f"remove the password, {SAVE_AS}"),
    _Kind(b"%PDF", "a PDF", "ask the office for the spreadsheet it was printed from"),
    _Kind(b"\x1f\x8b", "a gzip archive", "unpack it first"),
    _Kind(b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    _Kind(b"Rar!", "a RAR archive", "unpack it first"),
    _Kind(b"{\\rtf", "a text document", SAVE_AS),
    _Kind(b"\x89PNG", "a picture", "ask the office for the spreadsheet"),
    _Kind(b"\xff\xd8\xff", "a picture", "ask the office for the spreadsheet"),
)


def read_sheets(path: Path, score: Score) -> list[Sheet]:
    """Return the sheets of an office file; csv and Parquet files have one. What a file is, its content says.

    Args:
        path: a csv (any usual delimiter and encoding), xlsx or Parquet file.
        score: how many known headings a row of cells holds.

    Raises:
        UnreadableFileError: the file is missing, empty, corrupt, protected, or of another kind.
    """
    start = _first_bytes(path)
    if start.startswith(b"PAR1"):
        return [_read_parquet(path)]
    if start.startswith(b"PK"):
        return workbook.read_workbook(path)
    for kind in FOREIGN:
        if start.startswith(kind.header):
            raise UnreadableFileError(f"{path.name}: this is {kind.is_a}; {kind.repair}")
    if MARKUP.match(start.removeprefix(b"\xef\xbb\xbf")):
        raise UnreadableFileError(f"{path.name}: this is a web page or XML, whatever its name says; {SAVE_AS}")
    return [_read_text(path, score)]


def _first_bytes(path: Path) -> bytes:
    if not path.is_file():
        there = "is a folder; name the files in it" if path.is_dir() else "does not exist; check the path"
        raise UnreadableFileError(f"{path}: {there}")
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be opened ({error.strerror}); check who may read it") from error
    if not start:
        raise UnreadableFileError(f"{path.name}: the file is empty; export it again")
    return start


def _read_text(path: Path, score: Score) -> Sheet:
    text = decode(path.read_bytes(), name=path.name)
    if not text.strip():
        raise UnreadableFileError(f"{path.name}: the file holds no text; export it again")
    delimiter = _delimiter(text, score)
    rows: list[Row] = []
    number = 0
    try:
        for number, cells in enumerate(_csv(text, delimiter), start=1):
            if not all(map(is_empty, cells)):
                rows.append((number, tuple(map(unless_broken, cells))))
    except csv.Error as error:
        raise UnreadableFileError(
            f"{path.name}: row {number + 1} cannot be read as csv ({error}); look for a quotation mark "
            "that is opened and not closed"
        ) from error
    _refuse_swallowed_rows(rows, delimiter, path.name)
    return Sheet("", tuple(rows))


def _csv(text: str, delimiter: str) -> Iterator[list[str]]:
    """Read rows of cells; a quotation mark counts also behind a space, as some programs write them."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def decode(raw: bytes, *, name: str) -> str:
    """Return the text of `raw`: UTF-8, UTF-16 or Windows-1252, with or without a byte order mark.

    A byte that is no UTF-8 is read as Windows-1252, also in the middle of UTF-8 text, because offices
    paste one into the other.

    Raises:
        UnreadableFileError: the bytes are not text.
    """
    for mark, encoding in ENCODING_MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    sample = raw[:4096]
    nul = sample.count(0)
    if nul > NUL_SHARE_OF_UTF16 * len(sample):
        little = sample[1::2].count(0) > sample[0::2].count(0)
        return raw.decode("utf-16-le" if little else "utf-16-be", errors="replace")
    if nul:
        raise UnreadableFileError(f"{name}: neither csv, xlsx nor Parquet; {SAVE_AS}")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    return raw.decode("utf-8", errors=ODD_BYTES)


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    odd = error.object[error.start : error.end]
    return odd.decode("cp1252", errors="ignore") or odd.decode("latin-1"), error.end


ODD_BYTES: Final = "risk_model.windows_1252"
codecs.register_error(ODD_BYTES, _as_windows)


def _delimiter(text: str, score: Score) -> str:
    start = "".join(islice(io.StringIO(text), ROWS_TO_FIND_DELIMITER))

    def known_headings(delimiter: str) -> int:
        try:
            return max(map(score, _csv(start, delimiter)), default=0)
        except csv.Error:
            return 0

    return max(DELIMITERS, key=known_headings)


def _refuse_swallowed_rows(rows: Sequence[Row], delimiter: str, name: str) -> None:
    """Raise where one cell holds what look like whole rows: a quotation mark was opened and never closed."""
    width = max((len(cells) for _, cells in rows), default=0)
    for number, cells in rows:
        for cell in cells:
            if isinstance(cell, str) and "\n" in cell:
                widest = max(line.count(delimiter) for line in cell.splitlines() or [""])
                if widest >= max(2, width - 2):
                    raise UnreadableFileError(
                        f"{name}: row {number} has a quotation mark that is opened and not closed, so it swallows "
                        "the rows after it; close or remove the mark"
                    )


def _read_parquet(path: Path) -> Sheet:
    try:
        frame = pyarrow.parquet.read_table(path).to_pandas(timestamp_as_object=True)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UnreadableFileError(f"{path.name}: a damaged Parquet file ({error}); write it again") from error
    headings: Row = (1, tuple(map(str, frame.columns)))
    columns = [[_plain(value) for value in frame.iloc[:, place].tolist()] for place in range(frame.shape[1])]
    numbered = enumerate(zip(*columns, strict=True), start=2)
    return Sheet("", (headings, *((number, cells) for number, cells in numbered if not all(map(is_empty, cells)))))


def _plain(value: object) -> Cell:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return unless_broken(value)
    if isinstance(value, bool | int | float | dt.datetime | dt.date | dt.time | dt.timedelta):
        return value
    return str(value)
