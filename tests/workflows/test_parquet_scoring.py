"""A Parquet table is scored in parts: the same scores as in memory, whatever it is cut into and wherever it runs."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from risk_model.errors import InputError, SpecificationError, UnreadableFileError
from risk_model.scoring.coding import Coding, Level
from risk_model.scoring.scorer import CompiledModel, Term
from risk_model.specification import parse_specification
from risk_model.workflows import row_batches
from risk_model.workflows.any_table import read_dated_table, scored_table
from risk_model.workflows.parquet_scoring import score_parquet
from risk_model.workflows.row_batches import Rows
from risk_model.workflows.spreading import HERE, Spread, Where, joblib_over, spread_over

SPECIFICATION = parse_specification(
    {
        "name": "inspections",
        "title": {"id": "Pemeriksaan", "en": "Inspections"},
        "identifier": "number",
        "time": "day",
        "outcome": {"column": "failed"},
        "features": [{"name": "kind", "kind": "categorical"}, {"name": "size", "kind": "numeric"}],
        "rule": {"first": ["kind"], "second": ["kind"]},
        "support": ["kind"],
        "candidates": {"scorecard": {"C": [0.1]}},
    }
)
KIND = Coding("kind", ("kind",), 3, 2, None, (Level(("kind",), {"shop": 0, "ship": 1}),))
SIZE = Coding("size", ("size",), 4, 3, (10.0, 20.0))
MODEL = CompiledModel(
    kind="scorecard",
    intercept=-1.0,
    variance=0.01,
    terms=(
        Term(KIND, np.array([0.5, -0.4, 0.0]), np.full(3, 0.02)),
        Term(SIZE, np.array([-0.3, 0.0, 0.9, 0.1]), np.full(4, 0.02)),
    ),
    detection=0.9,
    thresholds=(0.6, 0.4, 0.2),
    support_columns=("kind",),
    supported=frozenset({"shop", "ship"}),
    card={"data_origin": "simulated"},
)
ROWS = Rows(MODEL, "inspections-1", SPECIFICATION)


def inspections() -> pd.DataFrame:
    """Seven rows in which a number recurs, one is missing, a kind was never seen, dates have a zone."""
    days = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-01-01", "2025-03-01", "2025-01-01", "2025-04-01", None])
    return pd.DataFrame(
        {
            "number": ["A", "B", "A", None, "A", "C", "D"],
            "day": days.fillna(pd.Timestamp("2025-05-01")).tz_localize("Asia/Jakarta"),
            "kind": ["shop", "ship", None, "shop", "tent", "ship", "shop"],
            "size": [5.0, 15.0, None, 30.0, 30.0, 10.0, 20.0],
        }
    )


def untold(done: int, total: int, text: str) -> None:
    """A progress nobody looks at."""


def score(data: Path, out: Path, rows: Rows = ROWS, where: Where = HERE) -> pd.DataFrame:
    with spread_over(where) as spread:
        bands = score_parquet(rows, data, out, spread=spread, progress=untold)
    scored = pd.read_parquet(out)
    assert bands == scored["band"].value_counts().to_dict()
    assert not list(out.parent.glob(".*")), "nothing is left beside the result"
    return scored


@pytest.fixture
def table(tmp_path: Path) -> Path:
    inspections().to_parquet(tmp_path / "table.parquet", row_group_size=2)
    return tmp_path / "table.parquet"


@pytest.mark.parametrize("as_of", [None, pd.Timestamp("2025-03-01")])
@pytest.mark.parametrize("out", ["scores.parquet", "scores"])
@pytest.mark.parametrize("batch", [1, 100])
def test_scores_are_those_of_the_table_in_memory(
    table: Path, monkeypatch: pytest.MonkeyPatch, batch: int, out: str, as_of: pd.Timestamp | None
) -> None:
    monkeypatch.setattr(row_batches, "BATCH", batch)
    whole = read_dated_table(table, SPECIFICATION)
    known = whole if as_of is None else whole[whole["day"] < as_of].reset_index(drop=True)
    expected = scored_table(known, MODEL, SPECIFICATION, version="inspections-1")
    found = score(table, table.with_name(out), replace(ROWS, as_of=as_of))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
    assert found["number"].tolist()[:3] == ["A", "B", "A (2)"]


def test_a_folder_of_files_is_one_table(table: Path, tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    for number, start in enumerate(range(0, 7, 3)):
        inspections()[start : start + 3].to_parquet(tmp_path / "cut" / f"{number}.parquet")
    pd.testing.assert_frame_equal(score(tmp_path / "cut", tmp_path / "a"), score(table, tmp_path / "b.parquet"))


def test_rows_that_differ_keep_their_numbers(tmp_path: Path) -> None:
    inspections().assign(number=range(7)).to_parquet(tmp_path / "t.parquet")
    assert score(tmp_path / "t.parquet", tmp_path / "s.parquet")["number"].tolist() == list(range(7))


@pytest.mark.parametrize("numbers", ["ABCDEFG", "ABBDEFG", "ABCDDFG", "GFEDCBA", "ABCDEFA"])
def test_rows_are_told_apart_in_order_and_out_of_it(tmp_path: Path, numbers: str) -> None:
    day = pd.Timestamp("2025-01-01")
    inspections().assign(number=list(numbers), day=day).to_parquet(tmp_path / "t.parquet", row_group_size=4)
    found = score(tmp_path / "t.parquet", tmp_path / "s.parquet")["number"].tolist()
    assert found == [f"{n} (2)" if n in numbers[:place] else n for place, n in enumerate(numbers)]


def test_a_table_without_rows_has_no_scores(tmp_path: Path) -> None:
    inspections()[:0].to_parquet(tmp_path / "t.parquet")
    assert score(tmp_path / "t.parquet", tmp_path / "s.parquet").empty


def cut_off_after(parts: int) -> Spread:
    """Work that stops in the middle, as when its process is killed."""

    def spread(function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
        for place, item in enumerate(items):
            if place == parts and hasattr(item, "group"):
                item.file.with_name(f"{item.file.name}.partial").write_bytes(b"half of a p")
                raise KeyboardInterrupt
            yield function(item)

    return spread


@pytest.mark.parametrize("out", ["scores.parquet", "scores"])
def test_what_was_cut_off_goes_on_where_it_was_and_gives_the_same_bytes(table: Path, out: str) -> None:
    score(table, table.with_name(f"whole-{out}"))
    with pytest.raises(KeyboardInterrupt):
        score_parquet(ROWS, table, table.with_name(out), spread=cut_off_after(2), progress=untold)
    assert not table.with_name(out).exists()
    done = sorted((table.parent / f".{out}.parts").glob("part-0000[01].*"))
    written = [file.stat().st_mtime_ns for file in done]
    with pytest.raises(KeyboardInterrupt):
        score_parquet(ROWS, table, table.with_name(out), spread=cut_off_after(3), progress=untold)
    assert [file.stat().st_mtime_ns for file in done] == written, "finished parts are not made again"
    score(table, table.with_name(out))
    bytes_of = [
        [file.read_bytes() for file in sorted(made.rglob("*.parquet")) or [made]]
        for made in (table.with_name(out), table.with_name(f"whole-{out}"))
    ]
    assert bytes_of[0] == bytes_of[1]


def test_parts_of_another_model_are_not_gone_on_with(table: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        score_parquet(ROWS, table, table.with_name("s.parquet"), spread=cut_off_after(2), progress=untold)
    other = replace(ROWS, model=replace(MODEL, intercept=0.5))
    assert score(table, table.with_name("s.parquet"), other).equals(score(table, table.with_name("t.parquet"), other))


@pytest.mark.parametrize(
    ("changed", "out", "error", "says"),
    [
        ({"size": "old"}, "s.parquet", SpecificationError, "size reads 'size' as numbers"),
        ({"day": None}, "s.parquet", SpecificationError, "rows from 1: column 'day' is empty in"),
        ({"kind ": "shop"}, "s.parquet", SpecificationError, "no column 'kind'; did you mean 'kind '"),
        ({}, "s.doc", UnreadableFileError, "written as .parquet or .csv"),
        ({}, "there", InputError, "name a new folder"),
    ],
)
def test_what_cannot_be_scored_names_its_repair(
    tmp_path: Path, changed: dict[str, Any], out: str, error: type[Exception], says: str
) -> None:
    (tmp_path / "there").mkdir()
    frame = inspections().assign(**changed)
    frame.drop(columns="kind" if "kind " in changed else []).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(error, match=says):
        score(tmp_path / "t.parquet", tmp_path / out)


def test_a_file_that_is_no_parquet_and_a_folder_without_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_text("number;day")
    for data in (tmp_path / "t.parquet", tmp_path / "nothing"):
        with pytest.raises(UnreadableFileError, match="parquet file"):
            score(data, tmp_path / "s.parquet")


def test_processes_of_a_dask_cluster_give_the_same_bytes(table: Path) -> None:
    score(table, table.with_name("here.parquet"))
    score(table, table.with_name("cluster.parquet"), where=Where("dask", jobs=2))
    assert table.with_name("here.parquet").read_bytes() == table.with_name("cluster.parquet").read_bytes()
    assert pq.ParquetFile(table.with_name("cluster.parquet")).num_row_groups == 4


def test_without_dask_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(InputError, match=r"pip install 'pmi-placement-risk\[distributed\]'"),
        joblib_over(Where("dask")),
    ):
        pass


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(InputError, match="no dask scheduler answers at nowhere"),
        spread_over(Where("dask", 1, "nowhere://1")),
    ):
        pass
