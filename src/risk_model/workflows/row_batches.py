"""How does a batch of a Parquet table's rows become a batch of their scores?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from risk_model.errors import SpecificationError, UnreadableFileError, repair_hint
from risk_model.learning.selective_labels import dates_of
from risk_model.learning.table_columns import as_numbers
from risk_model.placements.scored_cohort import origin_of, reasons_of
from risk_model.scoring.columns import ReadColumns
from risk_model.scoring.scorer import ALL_BANDS, CompiledModel, Scores, score_columns
from risk_model.specification import Specification
from risk_model.workflows.spreading import Spread

BATCH: Final = 1 << 16
"""Rows held at a time: some 30 MB with inputs, places of terms and reasons."""

NUMBERS: Final = ("risk", "low", "high")


@dataclass(frozen=True)
class Group:
    """One row group of a Parquet file, and the position of its first row among all rows of the table."""

    file: Path
    number: int
    starts: int


@dataclass(frozen=True)
class Rows:
    """How the rows of a table are read, scored and named.

    `kept` are columns that go over into the result beside identifier and time. Rows known at `as_of` or later
    are left out. `repeats` has, for rows that share identifier and time with earlier ones, the position in the
    table and how many came before; where there are any, identifiers are text.
    """

    model: CompiledModel
    version: str
    specification: Specification
    as_of: pd.Timestamp | None = None
    kept: tuple[str, ...] = ()
    repeats: tuple[NDArray[Any], NDArray[Any]] | None = None

    @property
    def names(self) -> tuple[str, str]:
        """Identifier and time."""
        return self.specification.identifier, self.specification.time

    @property
    def inputs(self) -> tuple[str, ...]:
        """What the model reads."""
        of_terms = (name for term in self.model.terms for name in term.coding.columns_read)
        return tuple(dict.fromkeys((*of_terms, *self.model.support_columns)))


def files_of(data: Path) -> list[Path]:
    """Return the Parquet file `data`, or those in the folder `data` in order of name.

    Raises:
        UnreadableFileError: there is none.
    """
    files = [data] if data.is_file() else sorted(data.glob("*.parquet"))
    if not files:
        raise UnreadableFileError(f"{data}: no .parquet file in it; name the folder of a table, or a file")
    return files


def groups_of(files: Sequence[Path], rows: Rows) -> list[Group]:
    """Return the row groups of Parquet files.

    Raises:
        UnreadableFileError: a file is not readable as Parquet.
        SpecificationError: a column that is read is missing.
    """
    found, start = [], 0
    for file in files:
        try:
            about = pq.read_metadata(file)
            columns = pq.read_schema(file).names
        except (OSError, pa.ArrowException) as error:
            raise UnreadableFileError(f"{file}: not a readable .parquet file ({error})") from error
        for name in (*rows.names, *rows.kept, *rows.inputs):
            if name not in columns:
                raise SpecificationError(f"{file}: no column {name!r}; {repair_hint(name, columns)}")
        for number in range(about.num_row_groups):
            found.append(Group(file, number, start))
            start += about.row_group(number).num_rows
    return found


def with_repeats(rows: Rows, groups: Sequence[Group], spread: Spread) -> Rows:
    """Return `rows` with those that share identifier and time with earlier ones.

    Identifiers in ascending order do not recur, which is quickly seen. Others are compared, with their time, by
    hashes of 64 bits: of ten million rows, two different ones are taken for one with a probability of 3 in a million.
    """
    ends = list(spread(partial(_ends_if_ascending, name=rows.names[0]), groups))
    if all(ends) and all(before[1] < after[0] for before, after in pairwise(ends)):
        return rows
    hashes = np.concatenate([np.empty(0, np.uint64), *spread(partial(_hashes, names=rows.names), groups)])
    ordered = np.sort(hashes)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(repeated):
        return rows
    positions = np.flatnonzero(np.isin(hashes, repeated))
    earlier = pd.Series(hashes[positions]).groupby(hashes[positions]).cumcount().to_numpy()
    return replace(rows, repeats=(positions[earlier > 0], earlier[earlier > 0]))


def _ends_if_ascending(group: Group, *, name: str) -> tuple[Any, Any] | None:
    """Return the first and last identifier of a row group where each is above the one before, else None."""
    column = pq.ParquetFile(group.file).read_row_group(group.number, columns=[name])[name].combine_chunks()
    if not len(column) or column.null_count or pa.types.is_dictionary(column.type):
        return None
    if pc.any(pc.less_equal(column[1:], column[:-1])).as_py():
        return None
    return column[0].as_py(), column[-1].as_py()


def _hashes(group: Group, *, names: tuple[str, str]) -> NDArray[Any]:
    read = pq.ParquetFile(group.file).read_row_group(group.number, columns=list(names)).to_pandas()
    return pd.util.hash_pandas_object(read[list(names)], index=False, categorize=False).to_numpy()


def scored_schema(rows: Rows, file: Path) -> pa.Schema:
    """Return the columns of the result and their types; those of `file` where they are its own."""
    identifier, time = rows.names
    read = pq.read_schema(file)
    kind = read.field(identifier).type if rows.repeats is None else pa.string()
    return pa.schema(
        [
            (identifier, kind),
            (time, pa.timestamp("us")),
            *((name, read.field(name).type) for name in rows.kept),
            *((name, pa.float64()) for name in NUMBERS),
            ("band", pa.string()),
            ("supported", pa.bool_()),
            ("reasons", pa.string()),
            ("model_version", pa.string()),
            ("data_origin", pa.string()),
        ]
    )


def scored_batches(group: Group, rows: Rows, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the scores of one row group, batch by batch.

    Raises:
        SpecificationError: a row has no date, or text stands where numbers are read.
    """
    read = pq.read_schema(group.file)
    wanted = [*rows.names, *rows.kept, *rows.inputs]
    # text comes as the dictionary it is stored as, which spares making each value anew
    kinds = {name: read.field(name).type for name in rows.inputs}
    texts = [name for name, kind in kinds.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)]
    file = pq.ParquetFile(group.file, read_dictionary=[name for name in texts if name not in (*rows.names, *rows.kept)])
    start = group.starts
    for batch in file.iter_batches(BATCH, row_groups=[group.number], columns=list(dict.fromkeys(wanted))):
        yield _scored(batch, start, rows, schema)
        start += len(batch)


def _scored(batch: pa.RecordBatch, start: int, rows: Rows, schema: pa.Schema) -> pa.RecordBatch:
    identifier, time = rows.names
    try:
        dates = dates_of(pa.Table.from_batches([batch.select([time])]).to_pandas(), rows.specification)
    except SpecificationError as error:
        raise SpecificationError(f"rows from {start + 1}: {error}") from error
    named = {identifier: _identifiers(batch[identifier], start, rows), time: pa.array(dates, pa.timestamp("us"))}
    if rows.as_of is not None:
        known = pa.array((dates < rows.as_of).to_numpy())
        batch, named = batch.filter(known), {name: column.filter(known) for name, column in named.items()}
    scores = _scores(batch, rows.model)
    made: Mapping[str, Any] = {
        **named,
        **{name: batch[name] for name in rows.kept},
        **{name: pa.array(getattr(scores, name), from_pandas=True) for name in NUMBERS},
        "band": pa.array(ALL_BANDS).take(pa.array(scores.band_place)),
        "supported": pa.array(scores.supported),
        "reasons": reasons_of(scores, rows.model),
        "model_version": pa.repeat(rows.version, len(batch)),
        "data_origin": pa.repeat(origin_of(rows.model), len(batch)),
    }
    return pa.RecordBatch.from_arrays([made[name] for name in schema.names], schema=schema)


def _identifiers(column: pa.Array, start: int, rows: Rows) -> pa.Array:
    """Return identifiers by which rows can be told apart: the second of a pair is `ID (2)`."""
    if rows.repeats is None:
        return column
    named = column.to_pandas().astype("str").where(~column.to_pandas().isna(), "").to_numpy(dtype=object)
    first, last = np.searchsorted(rows.repeats[0], [start, start + len(column)])
    for position, earlier in zip(*(of_rows[first:last].tolist() for of_rows in rows.repeats), strict=True):
        named[position - start] += f" ({earlier + 1})"
    return pa.array(named, pa.string())


def _scores(batch: pa.RecordBatch, model: CompiledModel) -> Scores:
    try:
        return score_columns(model, batch)
    except (TypeError, ValueError):
        for term in model.terms:
            if term.coding.edges is not None:
                as_numbers(ReadColumns(batch), term.coding.columns[0], term.name)
        raise
