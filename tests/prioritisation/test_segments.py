"""Do segments say what the tables hold, no more than that, and nothing of fewer than ten?"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from risk_model.data.schema import Tables
from risk_model.data.simulator.simulate import Simulation, simulate
from risk_model.errors import InputError
from risk_model.prioritisation.segments import hard_to_supervise, segments

REPOSITORY = Path(__file__).resolve().parents[2]
AS_OF = pd.Timestamp("2026-01-01")
COUNTS = ["placements", "list_visits", "usual_visits", "found", "expected"]
TEXTS = ["docs/segments.md", "src/risk_model/workflows/segments.py", "src/risk_model/commands/segments.py"]
CAUSAL = re.compile(
    r"\b(effects?|affects?|causes?|caused|causal|because of|due to|leads? to|pengaruh\w*|akibat\w*|menyebabkan)\b", re.I
)
"""Words that would turn what goes together into what brings about."""


@pytest.fixture(scope="module")
def world() -> Simulation:
    return simulate("hidden", reporting="rich", placements=8_000, random_state=2)


@pytest.fixture(scope="module")
def shown(world: Simulation) -> pd.DataFrame:
    return segments(world.tables, AS_OF)


def test_every_placement_of_the_cohort_is_in_one_segment(world: Simulation, shown: pd.DataFrame) -> None:
    total = segments(world.tables, AS_OF, by=("sector",))["placements"].sum()
    assert abs(int(shown["placements"].sum()) - int(total)) <= 2.5 * len(shown)


def test_no_count_under_ten_is_shown_and_none_is_exact(shown: pd.DataFrame) -> None:
    for name in COUNTS:
        given = shown[name].dropna()
        assert (given >= 10).all()
        assert (given % 5 == 0).all()


def test_figures_on_fewer_than_ten_visits_or_reports_are_not_shown(shown: pd.DataFrame) -> None:
    assert shown.loc[shown["found"].isna(), ["ratio", "ratio_low", "ratio_high", "expected"]].isna().all(axis=None)
    assert shown["ratio"].notna().any()
    assert shown["found"].isna().any()


def with_outcomes(tables: Tables, of: pd.Series, outcome: str) -> Tables:
    inspections = tables.inspections.copy()
    inspections.loc[of, "outcome"] = outcome
    return Tables(tables.placements, tables.events, inspections)


def test_in_a_segment_with_fewer_than_ten_visits_the_rate_shown_is_that_of_its_kind(shown: pd.DataFrame) -> None:
    few = shown[shown["list_visits"].isna()]
    assert len(few)
    assert (few["rate"] == few["prior_rate"]).all()


def test_more_findings_in_a_segment_raise_its_rate_and_its_ratio(world: Simulation) -> None:
    tables, by = world.tables, ("destination", "sector")
    fishing = tables.placements[
        (tables.placements["destination"] == "TWN") & (tables.placements["sector"] == "fishing")
    ]
    visits = tables.inspections["placement_id"].isin(fishing["placement_id"]) & tables.inspections["outcome"].isin(
        ["harm_found", "no_harm_found"]
    )
    rows = []
    for outcome in ("no_harm_found", "harm_found"):
        frame = segments(with_outcomes(tables, visits, outcome), AS_OF, by=by)
        rows.append(frame[(frame["destination"] == "TWN") & (frame["sector"] == "fishing")].iloc[0])
    assert rows[1]["rate"] > rows[0]["rate"]
    assert rows[1]["ratio"] > 1


def test_a_segment_that_finds_as_its_mix_does_is_expected_to(world: Simulation) -> None:
    one = segments(world.tables, AS_OF, by=("stage",))
    seen = one.dropna(subset=["ratio"])
    assert seen["ratio"].between(0.5, 2).all()
    assert ((seen["ratio_low"] <= seen["ratio"]) & (seen["ratio"] <= seen["ratio_high"])).all()


def test_nothing_recorded_later_changes_a_segment(world: Simulation) -> None:
    early = pd.Timestamp("2025-07-01")
    past = Tables(*(frame[frame["recorded_at"] < early] for frame in vars(world.tables).values()))
    pd.testing.assert_frame_equal(segments(world.tables, early), segments(past, early))


def test_a_trend_is_told_of_like_visits_only_where_both_years_have_ten(world: Simulation) -> None:
    by_sector = segments(world.tables, AS_OF, by=("sector",))
    assert by_sector["trend"].isna().all(), "the year before had no list, and this year no usual visits"
    earlier = segments(world.tables, pd.Timestamp("2025-01-01"), by=("sector",))
    told = earlier.dropna(subset=["trend"])
    assert set(told["trend_from"]) == {"usual"}
    assert ((told["trend_low"] <= told["trend"]) & (told["trend"] <= told["trend_high"])).all()


def test_each_line_says_where_its_prior_comes_from_and_what_it_weighs(shown: pd.DataFrame) -> None:
    assert shown.loc[shown["destination"] == "HKG", "prior_source"].str.contains("Justice Centre").all()
    assert shown.loc[shown["destination"] == "SAU", "prior_source"].str.contains("Kompas").all()
    assert (shown["prior_rows"] >= 2).all()
    assert set(shown["data_origin"]) == {"simulated"}


def test_a_certificate_that_nobody_verified_stands_apart(register: Callable[..., Tables]) -> None:
    rows = [{"placement_id": f"SIM-{i}", "certification_level": 4, "certification_verified": i < 15} for i in range(40)]
    made = segments(register(placements=rows), AS_OF, by=("certification_level",))
    assert dict(zip(made["certification_level"], made["placements"], strict=True)) == {"4": 15, "(declared)": 25}


def test_a_register_of_fewer_than_ten_shows_nothing(register: Callable[..., Tables]) -> None:
    assert segments(register(placements=[{"placement_id": f"SIM-{i}"} for i in range(9)]), AS_OF).empty


def test_a_register_without_visits_shows_published_rates(register: Callable[..., Tables]) -> None:
    rows = [{"placement_id": f"SIM-{i}", "destination": "MYS" if i % 2 else "THA"} for i in range(60)]
    made = segments(register(placements=rows), AS_OF, by=("destination",)).set_index("destination")["rate"]
    assert made["MYS"] > made["THA"]


@pytest.mark.parametrize("by", [("sex",), ("origin",), (), ("sector", "sector"), ("destinaton",)])
def test_placements_are_not_grouped_by_traits_or_by_nothing(
    register: Callable[..., Tables], by: tuple[str, ...]
) -> None:
    with pytest.raises(InputError):
        segments(register(placements=[{}]), AS_OF, by=by)


def test_the_least_known_sector_comes_first_and_reasons_stand_side_by_side(world: Simulation) -> None:
    hard = hard_to_supervise(world.tables, AS_OF)
    assert hard["interval_width"].is_monotonic_decreasing
    assert hard["in_unvisited_corridors"].between(0, 1).all()
    assert not [name for name in hard if "index" in name or "score" in name]


def test_a_sector_whose_corridors_nobody_visited_says_so(register: Callable[..., Tables]) -> None:
    rows = [{"placement_id": f"SIM-{i}", "sector": "fishing" if i % 2 else "domestic"} for i in range(60)]
    visits = [{"placement_id": f"SIM-{i}", "visited_at": "2025-12-10"} for i in range(0, 24, 2)]
    hard = hard_to_supervise(register(placements=rows, inspections=visits), AS_OF).set_index("sector")
    assert hard["in_unvisited_corridors"].to_dict() == {"fishing": 1.0, "domestic": 0.0}
    assert hard.loc["domestic", "visits_per_1000"] == 400
    assert np.isnan(hard["visits_per_1000"].astype(float)["fishing"])


def test_association_is_never_called_effect(shown: pd.DataFrame) -> None:
    written = [(REPOSITORY / name).read_text(encoding="utf-8") for name in TEXTS]
    said = [*shown.columns, *shown["prior_source"].unique()]
    for text in (*written, *said):
        assert not CAUSAL.search(text.replace("_", " ")), CAUSAL.search(text.replace("_", " "))
