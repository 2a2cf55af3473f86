"""The two office files of the reference inputs become exactly what a careful importer makes of them."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from risk_model.data.ingest import IngestResult, ingest

FILES = ("siskop2mi_2025.xlsx", "disnaker_ntt_2025.csv")
KEY = b"a key for tests, thirty-two bytes"


@pytest.fixture(scope="module")
def expected(shared_dir: Path) -> dict[str, Any]:
    return json.loads((shared_dir / "exports" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def result(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> IngestResult:
    files = [shared_dir / "exports" / name for name in FILES]
    return ingest(files, mapping="siskop2mi", out=tmp_path_factory.mktemp("expected"), key=KEY)


def shown(value: object) -> object:
    if value is None or pd.isna(value):
        return None
    return value.strftime("%Y-%m-%d") if isinstance(value, pd.Timestamp) else value


def test_every_row_is_counted(expected: dict[str, Any], result: IngestResult) -> None:
    summary = result.summary
    assert summary["read"] == expected["rows_read"]
    assert summary["accepted"] == expected["accepted"]
    assert summary["rejected"] == expected["rejected"]
    assert summary["placements"] == expected["placements"] == len(result.frame)


def test_each_refused_row_names_the_column_at_fault_and_no_other(
    expected: dict[str, Any], result: IngestResult
) -> None:
    named: dict[tuple[str, int], set[str]] = defaultdict(set)
    for line in result.rejects.itertuples():
        named[line.file, line.row].add(line.column)
    faulty = {(row["file"], row["line"]): {row["fault"]} for row in expected["rows"] if not row["ok"]}
    assert named == faulty


def test_each_accepted_row_has_the_expected_values(expected: dict[str, Any], result: IngestResult) -> None:
    by_file = {name: [row for row in expected["rows"] if row["file"] == name and row["ok"]] for name in FILES}
    last = {
        row["value"]["placement_id"]: row for name in FILES for row in sorted(by_file[name], key=lambda r: r["line"])
    }
    got = {row["placement_id"]: row for row in result.frame.to_dict("records")}
    assert set(got) == set(last)
    for placement_id, row in last.items():
        value = dict(row["value"])
        assert (shown(got[placement_id]["worker_ref"]) is not None) == value.pop("has_nik"), row
        assert {name: shown(got[placement_id][name]) for name in value} == value, row


def test_every_refusal_says_what_was_found_and_what_would_do(result: IngestResult) -> None:
    blank = result.rejects["rule"].str.contains("blank")
    assert (result.rejects.loc[~blank, "found"] != "").all()
    assert (result.rejects["suggestion"] != "").all()


def test_the_export_counts_as_real_and_known_the_day_after_registration(result: IngestResult) -> None:
    frame = result.frame
    assert (frame["data_origin"] == "real").all()
    assert (frame["recorded_at"] == frame["registered_on"] + pd.Timedelta(days=1)).all()
    assert "registered_on + 1 day" in result.summary["filled_by_the_mapping"]["recorded_at"]["with"]
