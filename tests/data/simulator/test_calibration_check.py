"""Does the check compare with what was published, and does the simulation agree with it?"""

import pandas as pd
import pytest

from risk_model import vocabulary
from risk_model.data.schema import Tables
from risk_model.data.simulator.calibration_check import check
from risk_model.data.simulator.simulate import Simulation, simulate


@pytest.fixture(scope="module")
def published() -> Simulation:
    return simulate("hidden", placements=30_000, random_state=8)


def test_every_published_figure_is_met_within_its_tolerance(published: Simulation) -> None:
    lines = check(published)

    wrong = lines[lines["within"].fillna(True) == False]  # noqa: E712  # a nullable flag is compared, not negated
    assert wrong.empty, wrong.to_string()
    assert lines["within"].notna().mean() > 0.95


def test_every_line_names_its_source(published: Simulation) -> None:
    lines = check(published)

    assert (lines["source"].str.len() > 5).all()
    assert not lines["quantity"].duplicated().any()
    for part in ("destination", "scheme", "position", "informal", "NTT: Malaysia", "NTT: women", "complaints:", "harm"):
        assert lines["quantity"].str.startswith(part).any()


def test_a_simulation_that_departs_from_the_published_figures_is_seen(published: Simulation) -> None:
    tables = published.tables
    elsewhere = tables.placements.assign(destination="SAU", sex="male")
    changed = Simulation(
        Tables(elsewhere, tables.events, tables.inspections), published.truth, published.world, published.ahead
    )

    lines = check(changed).set_index("quantity")

    for quantity in ("destination HKG", "destination SAU", "women", "NTT: Malaysia"):
        assert not lines.loc[quantity, "within"]


def test_the_published_side_is_the_reference_table_itself(published: Simulation) -> None:
    lines = check(published).set_index("quantity")

    survey = float(vocabulary.table("survey_rates")["forced_labour_domestic_MYS"].extra["value"])
    assert lines.loc["harm at work, household, MYS", "published"] == survey


def test_too_few_rows_are_not_compared() -> None:
    lines = check(simulate("open", placements=10)).set_index("quantity")

    assert pd.isna(lines.loc["NTT: Malaysia", "within"])
