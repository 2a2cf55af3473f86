from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from risk_model.cli import app
from risk_model.errors import UnreadableFileError
from risk_model.workflows.listing import planned_capacity

MARCH = pd.Timestamp("2026-03-10")


def capacity(plan: Path, office: str | None = None, made: int | None = None) -> int:
    return planned_capacity(MARCH, plan=plan, yearly=None, office=office, made=made)


@pytest.mark.parametrize(
    ("text", "office", "made", "visits"),
    [
        ("month,visits\n2026-02,5\n2026-03,7\n", None, None, 7),
        ("Month, Visits\n2026-02,5\n2026-03,7\n", None, 3, 9),
        ("\ufeffmonth,visits,office\n2026-03,7,BP3MI-NTT\n2026-03,2,P4MI-TAMBOLAKA\n", "P4MI-TAMBOLAKA", None, 2),
    ],
)
def test_a_plan_file_gives_the_visits_of_the_month(
    tmp_path: Path, text: str, office: str | None, made: int | None, visits: int
) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text(text, encoding="utf-8")
    assert capacity(plan, office, made) == visits


def test_visits_a_year_are_spread_over_its_months() -> None:
    whole = [
        planned_capacity(pd.Timestamp(2026, month, 1), plan=None, yearly=100, office=None, made=None)
        for month in range(1, 13)
    ]
    assert sum(whole) == 100
    assert set(whole) == {8, 9}


def test_a_plan_that_is_missing_or_empty_names_the_repair(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="month, visits"):
        capacity(tmp_path / "plan.csv")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(UnreadableFileError, match="save it as CSV"):
        capacity(tmp_path / "empty.csv")


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["--capacity", "5", "--yearly", "60"],
        ["--plan", "plan.csv", "--yearly", "60"],
        ["--capacity", "5", "--made", "2"],
    ],
)
def test_capacity_comes_from_one_place(tmp_path: Path, given: list[str]) -> None:
    result = CliRunner().invoke(app, ["list", "--data", str(tmp_path), "--as-of", "2026-01-01", *given])
    assert result.exit_code == 2
