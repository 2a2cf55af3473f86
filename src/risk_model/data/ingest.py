"""How do office exports become a table of ours, with every row accounted for?"""

import csv
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from risk_model.data import schema
from risk_model.data.mapping import ExportMapping, read_mapping
from risk_model.data.records import Records, read_records
from risk_model.data.source_rows import Progress, SourceRows, gather
from risk_model.data.worker_reference import worker_reference
from risk_model.errors import UnreadableFileError

REJECT_COLUMNS: Final = ("file", "row", "column", "found", "rule", "suggestion")
RUNS_IN_A_SPREADSHEET: Final = re.compile(r"^(?=[=@\t\r]|[+-](?!\s*[\d.,]+\s*$))")
"""A cell that a spreadsheet would run as a formula when somebody opens rejects.csv."""

FINGERPRINT_DIGITS: Final = 12


@dataclass(frozen=True)
class IngestResult:
    """One table, what was refused on the way, and the account of every row.

    `rejects` has one line per faulty column, so a row may have several; `summary` counts rows.
    """

    table: str
    frame: pd.DataFrame
    rejects: pd.DataFrame
    summary: dict[str, Any]


def _silent(done: int, total: int, what: str) -> None:
    """Show nothing."""


def ingest(
    files: Sequence[Path], *, mapping: str | Path, out: Path, key: bytes, progress: Progress = _silent
) -> IngestResult:
    """Read office exports into one table of the folder `out`, with `rejects.csv` and `summary.json` beside it.

    All three files appear together, whole; on any error those that were there stay as they were.

    Args:
        files: csv, xlsx or Parquet; they count in this order, and a later row of a placement wins.
        mapping: the name of a mapping that ships, or a YAML file.
        out: folder of the data set; made where it is missing.
        key: secret key of the worker references (`worker_reference.load_key`).
        progress: told (done, of how much, what is being done).

    Raises:
        UnreadableFileError: a file is missing, empty, corrupt, or of a kind that is not read.
        MappingError: the mapping is wrong, or a file lacks headings that it needs.
    """
    result = read_exports(files, mapping=mapping, key=key, progress=progress)
    _write(result, out)
    return result


def read_exports(
    files: Sequence[Path], *, mapping: str | Path, key: bytes, progress: Progress = _silent
) -> IngestResult:
    """Do what `ingest` does, without writing anything."""
    if not files:
        raise UnreadableFileError("no file was given; name at least one csv, xlsx or Parquet export")
    plan = read_mapping(mapping)
    source = gather([Path(file) for file in files], plan, progress=progress)
    records = read_records(source, plan, worker_key=key, progress=progress)
    progress(0, 1, f"checking table {plan.table}")
    frame, replaced = _as_table(records, plan, len(source.labels))
    rejects = _as_rejects(records, source)
    summary = _summarise(source, records, plan) | {
        "placements": int(frame["placement_id"].nunique()),
        "rows": len(frame),
        "replaced_by_later_rows": replaced,
        "data_origin": {str(name): int(n) for name, n in sorted(frame["data_origin"].value_counts().items())},
        "worker_key_fingerprint": worker_reference("fingerprint", key=key)[:FINGERPRINT_DIGITS],
    }
    progress(1, 1, f"checking table {plan.table}")
    return IngestResult(plan.table, frame, rejects, summary)


def _as_table(records: Records, plan: ExportMapping, read: int) -> tuple[pd.DataFrame, int]:
    """Return the accepted rows as a table, and how many a later row replaced."""
    refused = records.refused
    kept = [row for row in range(read) if row not in refused]
    values = {name: [column[row] for row in kept] for name, column in records.values.items()}
    if plan.identifier not in values or any(value is None for value in values[plan.identifier]):
        values[plan.identifier] = _content_ids(values, plan, len(kept))
    frame = schema.conform(plan.table, pd.DataFrame(values, columns=list(values), dtype=object))
    versions = [plan.identifier]
    if plan.table == "placements" and records.given["recorded_at"]:  # it says when it knew: keep its versions
        versions.append("recorded_at")
    newest = frame.drop_duplicates(versions, keep="last").reset_index(drop=True)
    return newest, len(frame) - len(newest)


def _content_ids(values: dict[str, list[Any]], plan: ExportMapping, size: int) -> list[str]:
    """Return the ids of rows; one that has none gets the hash of its content, so the same row keeps its id."""
    given = values.get(plan.identifier, [None] * size)
    names = sorted(set(values) - {plan.identifier, "data_origin"})
    ids = []
    for row in range(size):
        content = json.dumps([str(values[name][row]) for name in names])
        ids.append(given[row] or f"{plan.table[:3].upper()}-{worker_reference(content, key=b'content')[:16]}")
    return ids


def _as_rejects(records: Records, source: SourceRows) -> pd.DataFrame:
    lines = [
        (source.labels[fault.row], source.numbers[fault.row], fault.column, fault.found, fault.rule, fault.suggestion)
        for fault in records.faults
    ]
    frame = pd.DataFrame(lines, columns=list(REJECT_COLUMNS))
    for name in ("found", "suggestion"):
        frame[name] = [RUNS_IN_A_SPREADSHEET.sub("'", text) for text in frame[name]]
    return frame


def _summarise(source: SourceRows, records: Records, plan: ExportMapping) -> dict[str, Any]:
    refused = records.refused
    rejected_of = Counter(source.labels[row] for row in refused)
    faults = Counter(fault.column or "(the whole row)" for fault in records.faults)
    read = len(source.labels)
    return {
        "table": plan.table,
        "description": plan.description,
        "read": read,
        "accepted": read - len(refused),
        "rejected": len(refused),
        "files": [
            {
                "file": file.name,
                "headings_row": file.headings_row,
                "read": file.read,
                "accepted": file.read - rejected_of[file.name],
                "rejected": rejected_of[file.name],
                "headings_not_used": list(file.ignored),
                "perhaps_meant": file.perhaps_meant,
            }
            for file in source.files
        ],
        "sheets_not_read": source.sheets_not_read,
        "faults": dict(sorted(faults.items())),
        "read_as_blank": dict(sorted(records.read_as_blank.items())),
        "filled_by_the_mapping": _filled(records, plan),
    }


def _filled(records: Records, plan: ExportMapping) -> dict[str, Any]:
    told = {}
    for name, count in sorted(records.filled.items()):
        column = plan.columns[name]
        sources = []
        if column.otherwise and column.otherwise.days is not None:
            sources.append(f"{column.otherwise.column} + {column.otherwise.days} day(s)")
        elif column.otherwise:
            sources.append(f"the usual one of {column.otherwise.column}")
        if column.default is not None:
            sources.append(str(column.default))
        told[name] = {"rows": count, "with": ", else ".join(sources)}
    return told


def _write(result: IngestResult, out: Path) -> None:
    """Write all files into a temporary folder beside their places, then move them there."""
    taken = [out / name for name in (f"{result.table}.parquet", "rejects.csv", "summary.json") if (out / name).is_dir()]
    if taken or (out.exists() and not out.is_dir()):
        raise UnreadableFileError(
            f"{(taken or [out])[0]}: in the way of what ingest writes; move it or choose another --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=out, prefix=".ingest-"))
    try:
        result.frame.to_parquet(partial / f"{result.table}.parquet", index=False)
        result.rejects.to_csv(partial / "rejects.csv", index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        text = json.dumps(result.summary, indent=2, ensure_ascii=False) + "\n"
        (partial / "summary.json").write_text(text, encoding="utf-8")
        for file in sorted(partial.iterdir()):
            file.replace(out / file.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
