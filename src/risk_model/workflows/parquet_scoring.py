"""What does a model say of every row of a Parquet table, however many rows there are?

Each row group gives one part beside the result, so what was cut off goes on where it was, and no process
holds more than one batch of rows.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from risk_model.errors import InputError, UnreadableFileError
from risk_model.scoring.model_file import as_data, to_bytes
from risk_model.workflows.row_batches import (
    Group,
    Rows,
    files_of,
    groups_of,
    scored_batches,
    scored_schema,
    with_repeats,
)
from risk_model.workflows.spreading import Spread

Progress = Callable[[int, int, str], None]

PASSING: Final = ".arrow"
"""What the parts of one file are written as on their way into it: a third of the work of Parquet."""

RUN: Final = "run.json"

OF_FEW_VALUES: Final = ("stage", "band", "model_version", "data_origin")
"""Columns that Parquet writes as a dictionary; for the others that is lost work."""


@dataclass(frozen=True)
class Part:
    """One row group and the file its scores go to."""

    group: Group
    file: Path


def score_parquet(rows: Rows, data: Path, out: Path, *, spread: Spread, progress: Progress) -> Counter[str]:
    """Score every row of `data` into `out` and return how many rows have each band.

    Args:
        rows: the model, and how a row is read and named.
        data: a Parquet file, or a folder of them (in order of name).
        out: a Parquet file; without a suffix a folder of them, one per row group.
        spread: what the row groups are spread over; all of it sees `data` and the folder of `out`.
        progress: called with (done, total, text).

    Raises:
        UnreadableFileError: the table is not readable, or `out` is of another kind.
        SpecificationError: the table is not as the specification says.
        InputError: `out` is a folder that is already there.
    """
    if out.suffix.lower() not in ("", ".parquet"):
        raise UnreadableFileError(f"{out}: the result is written as .parquet or .csv; name the file so")
    if not out.suffix and out.exists():
        raise InputError(f"{out}: already there; name a new folder, or remove this one")
    files = files_of(data)
    groups = groups_of(files, rows)
    folder = out.with_name(f".{out.name}.parts")
    _continue_or_begin(folder, _fingerprint(rows, files))
    rows = with_repeats(rows, groups, spread)
    schema = scored_schema(rows, files[0])
    suffix = PASSING if out.suffix else ".parquet"
    parts = [Part(group, folder / f"part-{number:05}{suffix}") for number, group in enumerate(groups)]
    written = _told(spread(partial(score_part, rows=rows, schema=schema), parts), len(parts), progress)
    if out.suffix:
        bands = _into_one_file(out, schema, written)
        shutil.rmtree(folder)
    else:
        bands = Counter()
        for file in written:
            bands.update(_counted(pq.read_table(file, columns=["band"])["band"]))
        (folder / RUN).unlink()
        folder.replace(out)
    return bands


def _continue_or_begin(folder: Path, run: str) -> None:
    """Keep the parts of the same run that was cut off; parts of any other are removed."""
    told = folder / RUN
    if not (told.is_file() and told.read_text(encoding="utf-8") == run):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        told.write_text(run, encoding="utf-8")


def _fingerprint(rows: Rows, files: Sequence[Path]) -> str:
    """Return everything that the parts follow from: another model, table or date makes other parts."""
    stated = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    model = sha256(to_bytes(as_data(rows.model), name="model")).hexdigest()
    specification = rows.specification.model_dump_json()
    return json.dumps([rows.version, model, specification, str(rows.as_of), list(rows.kept), stated])


def score_part(part: Part, *, rows: Rows, schema: pa.Schema) -> Path:
    """Write the scores of one row group, where they are not there yet, and return their file."""
    if not part.file.exists():
        unfinished = part.file.with_name(f"{part.file.name}.partial")
        with _writer(unfinished, schema, part.file.suffix) as writer:
            for batch in scored_batches(part.group, rows, schema):
                writer.write_batch(batch)
        unfinished.replace(part.file)
    return part.file


def _writer(file: Path, schema: pa.Schema, suffix: str) -> Any:
    if suffix == PASSING:
        return pa.ipc.new_file(str(file), schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))
    return pq.ParquetWriter(file, schema, use_dictionary=[name for name in OF_FEW_VALUES if name in schema.names])


def _into_one_file(out: Path, schema: pa.Schema, parts: Iterator[Path]) -> Counter[str]:
    bands: Counter[str] = Counter()
    unfinished = out.with_name(f".{out.name}.partial")
    with _writer(unfinished, schema, out.suffix) as writer:
        for part in parts:
            with pa.memory_map(str(part)) as source:
                read = pa.ipc.open_file(source)
                for batch in map(read.get_batch, range(read.num_record_batches)):
                    writer.write_batch(batch)
                    bands.update(_counted(batch["band"]))
    unfinished.replace(out)
    return bands


def _counted(bands: Any) -> dict[str, int]:
    return {str(each["values"]): int(each["counts"]) for each in bands.value_counts().to_pylist()}


def _told(parts: Iterator[Path], total: int, progress: Progress) -> Iterator[Path]:
    progress(0, total, "scoring")
    for done, part in enumerate(parts, start=1):
        yield part
        progress(done, total, f"scored {done} of {total} parts")
