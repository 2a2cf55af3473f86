import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from risk_model.cli import app
from risk_model.commands.options import SPECIFICATION
from risk_model.data.schema import read_table, read_tables, write_table
from risk_model.data.simulator import simulate as simulating
from risk_model.errors import InputError, NotEnoughDataError
from risk_model.workflows.prevalence import prevalence


def quietly(done: int, total: int, text: str) -> None:
    """Show no progress."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    simulating.write(simulating.simulate("hidden", placements=20_000, random_state=4), made)
    return made


def run(folder: Path, *arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(
        app, ["prevalence", "--data", str(folder), "--json", *arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def test_the_command_says_harm_in_the_cohort_found_and_missed(folder: Path) -> None:
    shown = run(folder)
    in_harm, inspected = (
        next(row for row in shown["share_of_the_cohort"] if row["what"] == what)  # type: ignore[attr-defined]
        for what in ("in harm", "inspected only")
    )
    counts = {row["what"]: row for row in shown["placements_per_list_in_harm"]}  # type: ignore[attr-defined]
    assert shown["data_origin"] == "simulated"
    assert in_harm["low_95"] < in_harm["low_90"] < in_harm["estimate"] < in_harm["high_90"] < in_harm["high_95"]
    assert inspected["low_95"] > in_harm["estimate"], "lists look for harm, so what they visit has more of it"
    assert counts["in harm"]["estimate"] == pytest.approx(
        counts["missed"]["estimate"] + shown["placements_per_list_found"],
        abs=1,  # type: ignore[operator]
    )


def test_fewer_lists_than_asked_for_are_used_and_said(folder: Path) -> None:
    shown = run(folder)
    lists = read_table(folder / "inspections.parquet")["list_id"].dropna().unique()
    assert 1 < shown["lists"] <= len(lists)  # type: ignore[operator]
    assert "fewer than the 24 months" in str(shown["notes"])
    fewer = run(folder, "--months", "3")
    assert fewer["lists"] == 3
    assert "fewer" not in str(fewer["notes"])


def of_one_office(folder: Path, tmp_path: Path) -> None:
    """Write the data set as if the lists had been drawn for the office of NTT alone."""
    tables = read_tables(folder)
    here = tables.placements.loc[tables.placements["origin"].str.startswith("53"), "placement_id"]
    write_table("placements", tables.placements, tmp_path)
    write_table("inspections", tables.inspections[tables.inspections["placement_id"].isin(here)], tmp_path)


def test_lists_drawn_for_one_office_do_not_stand_for_the_whole_register(folder: Path, tmp_path: Path) -> None:
    of_one_office(folder, tmp_path)
    result = CliRunner().invoke(app, ["prevalence", "--data", str(tmp_path)])
    assert isinstance(result.exception, InputError)
    assert "--office" in str(result.exception)


def test_an_office_gets_the_harm_among_the_placements_it_sees(folder: Path) -> None:
    whole, office = run(folder), run(folder, "--office", "BP3MI-NTT")
    assert office["placements_per_list"] < whole["placements_per_list"] / 3  # type: ignore[operator]
    assert office["visits_that_reached"] < whole["visits_that_reached"]  # type: ignore[operator]


def test_without_logged_probabilities_there_is_no_estimate(folder: Path, tmp_path: Path) -> None:
    tables = read_tables(folder)
    write_table("placements", tables.placements, tmp_path)
    write_table("inspections", tables.inspections.assign(inclusion_probability=float("nan")), tmp_path)
    with pytest.raises(NotEnoughDataError, match="record their visits"):
        prevalence(
            tmp_path,
            as_of=pd.Timestamp("2026-01-01"),
            reference=None,
            months=24,
            office=None,
            specification_file=SPECIFICATION,
            progress=quietly,
        )
