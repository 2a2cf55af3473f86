"""Does a simulation keep its promises: reproducible, marked, never ahead of its time, and true to its own truth?"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from risk_model.data.schema import as_of_view, conform, read_tables, read_truth
from risk_model.data.simulator.simulate import (
    Simulation,
    recorded,
    simulate,
    simulate_scenario,
    true_risk,
    truth_at,
    visit,
    write,
)
from risk_model.data.simulator.worlds import DEFAULT_UNTIL, WORLDS, Scenario
from risk_model.errors import InputError

TABLES = ("placements", "events", "inspections")
HORIZON = pd.Timedelta(days=180)


def bytes_of(simulation: Simulation, folder: Path) -> dict[str, bytes]:
    write(simulation, folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    first, again, other = (
        bytes_of(simulate("open", placements=400, random_state=seed), tmp_path / name)
        for name, seed in (("first", 5), ("again", 5), ("other", 6))
    )

    assert first == again
    assert sorted(first) == ["events.parquet", "inspections.parquet", "placements.parquet", "truth.parquet"]
    assert first["placements.parquet"] != other["placements.parquet"]


def test_what_is_written_reads_back_as_the_contract_has_it(small: Simulation, tmp_path: Path) -> None:
    write(small, tmp_path)

    tables, truth = read_tables(tmp_path), read_truth(tmp_path)

    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(tables, name), getattr(small.tables, name))
    assert truth is not None
    pd.testing.assert_frame_equal(truth, small.truth)


def test_every_row_and_every_file_says_that_it_is_simulated(small: Simulation, tmp_path: Path) -> None:
    write(small, tmp_path)

    for name in TABLES:
        frame = getattr(small.tables, name)
        assert (frame["data_origin"] == "simulated").all()
        assert frame[frame.columns[0]].str.startswith("SIM-").all()
    for path in tmp_path.iterdir():
        assert pq.read_schema(path).metadata[b"data_origin"] == b"simulated"


def test_nothing_is_recorded_before_it_happened_nor_after_the_last_day(small: Simulation) -> None:
    placements, events, inspections = (getattr(small.tables, name) for name in TABLES)

    for frame in (placements, events, inspections):
        assert (frame["recorded_at"] < DEFAULT_UNTIL).all()
        assert frame["recorded_at"].is_monotonic_increasing
    for date in ("registered_on", "departed_on", "returned_on"):
        assert (placements["recorded_at"] >= placements[date])[placements[date].notna()].all()
    assert (events["recorded_at"] >= events["occurred_at"]).all()
    assert (inspections["recorded_at"] > inspections["visited_at"]).all()


def test_later_versions_of_a_placement_bring_its_departure_its_return_and_corrections(small: Simulation) -> None:
    placements = small.tables.placements
    first = placements.drop_duplicates("placement_id")
    last = placements.drop_duplicates("placement_id", keep="last")
    procedural = first[~first["scheme"].isin(["EXT_HOME", "EXT_ABROAD"])]

    assert len(placements) > 2 * len(first)
    assert procedural["departed_on"].isna().all()
    assert last["departed_on"].notna().mean() > 0.8
    assert last["returned_on"].notna().mean() > 0.2
    assert last["certification_verified"].notna().sum() > first["certification_verified"].notna().sum()
    known = first.merge(last, on="placement_id")
    assert (known["wage_monthly_idr_x"] > 5 * known["wage_monthly_idr_y"]).any()
    assert not placements.duplicated(["placement_id", "recorded_at"]).any()


def test_events_of_a_placement_come_after_the_register_knows_it(small: Simulation) -> None:
    known = small.tables.placements.drop_duplicates("placement_id").set_index("placement_id")["recorded_at"]
    events = small.tables.events[small.tables.events["placement_id"].notna()]

    assert set(events["placement_id"]) <= set(known.index)
    assert (events["recorded_at"].to_numpy() >= known.loc[events["placement_id"]].to_numpy()).all()


def test_truth_is_about_the_cohort_that_the_tables_show(small: Simulation) -> None:
    for as_of, truth in small.truth.groupby("as_of"):
        seen = as_of_view(small.tables, pd.Timestamp(str(as_of))).placements
        cohort = seen[~(seen["returned_on"] < as_of - HORIZON)]

        assert set(truth["placement_id"]) == set(cohort["placement_id"])


def test_harm_comes_as_often_as_the_true_risk_says(worlds: dict[str, Simulation]) -> None:
    for simulation in worlds.values():
        truth = simulation.truth[simulation.truth["as_of"] == DEFAULT_UNTIL]
        tenth = pd.qcut(truth["true_risk"], 10, labels=False, duplicates="drop")
        for _, rows in truth.groupby(tenth):
            risk = rows["true_risk"]
            error = np.sqrt((risk * (1 - risk)).sum()) / len(rows)
            assert abs(rows["harm"].astype(float).mean() - risk.mean()) < 4.5 * error


def test_a_harm_lies_in_the_window_and_names_its_kind(small: Simulation) -> None:
    harmed, safe = small.truth[small.truth["harm"]], small.truth[~small.truth["harm"]]

    assert (harmed["harm_at"] <= harmed["as_of"] + HORIZON).all()
    assert harmed["category"].notna().all()
    assert harmed["severity"].between(1, 3).all()
    assert safe["harm_at"].isna().all()
    assert safe["category"].isna().all()


def test_worlds_of_one_seed_share_placements_and_truth_unless_a_corridor_turns(worlds: dict[str, Simulation]) -> None:
    for name in ("hidden", "silenced"):
        pd.testing.assert_frame_equal(worlds["open"].tables.placements, worlds[name].tables.placements)
        pd.testing.assert_frame_equal(worlds["open"].truth, worlds[name].truth)
    assert not worlds["open"].truth.equals(worlds["shift"].truth)


@pytest.mark.parametrize("size", [1, 2, 10, 200])
def test_any_number_of_placements_works(size: int) -> None:
    simulation = simulate("silenced", reporting="rich", placements=size, random_state=3)

    assert simulation.tables.placements["placement_id"].nunique() <= size
    for name in TABLES:
        conform(name, getattr(simulation.tables, name))


def test_the_last_day_may_be_another(tmp_path: Path) -> None:
    until = pd.Timestamp("2025-07-01")

    simulation = simulate("shift", placements=500, random_state=4, until=until)

    assert simulation.tables.placements["recorded_at"].max() < until
    assert simulation.truth["as_of"].max() == until
    assert simulation.tables.inspections["visited_at"].min() >= until - pd.DateOffset(years=3)


@pytest.mark.parametrize(
    ("words", "repair"),
    [
        ({"world": "hiden"}, "did you mean 'hidden'"),
        ({"world": "open", "reporting": "poor"}, "allowed: published, rich"),
        ({"world": "open", "placements": 0}, "give 1 or more"),
        ({"world": "open", "random_state": -1}, "give 0 or more"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_ones(words: dict[str, object], repair: str) -> None:
    with pytest.raises(InputError, match=repair):
        simulate(**words)  # type: ignore[arg-type]  # the point is a wrong argument


@pytest.fixture(scope="module")
def ahead() -> Simulation:
    """A world that goes on for a year after the last day."""
    return simulate_scenario(Scenario(WORLDS["hidden"], "rich", 2_000, 7, DEFAULT_UNTIL, months_ahead=12))


def test_a_world_that_goes_on_registers_and_reports_further_and_keeps_its_past(ahead: Simulation) -> None:
    later = DEFAULT_UNTIL + pd.DateOffset(months=6)

    then, past = recorded(ahead, later), recorded(ahead, DEFAULT_UNTIL)

    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(past, name), getattr(ahead.tables, name))
    assert then.placements["placement_id"].nunique() > past.placements["placement_id"].nunique()
    assert (then.events["type"] == "complaint").sum() > (past.events["type"] == "complaint").sum()
    assert then.placements["recorded_at"].max() < later
    assert len(true_risk(ahead.world, later)) > 0


def test_a_visit_gives_one_answer_whoever_else_is_visited_and_in_whatever_order(ahead: Simulation) -> None:
    day = DEFAULT_UNTIL + pd.Timedelta(days=40)
    ids = true_risk(ahead.world, day).index[:300]

    forward = visit(ahead.world, ids, day).set_index("placement_id")
    backward = visit(ahead.world, ids[::-1], day).set_index("placement_id")
    alone = visit(ahead.world, ids[17:18], day).set_index("placement_id")

    pd.testing.assert_frame_equal(forward, backward.loc[forward.index])
    pd.testing.assert_frame_equal(alone, forward.loc[alone.index])
    assert forward["outcome"].nunique() >= 3
    assert (visit(ahead.world, ids, day)["placement_id"] == ids).all()


def test_visits_leave_the_truth_as_it_was(ahead: Simulation) -> None:
    before = truth_at(ahead.world, DEFAULT_UNTIL)
    visit(ahead.world, before["placement_id"], DEFAULT_UNTIL)

    pd.testing.assert_frame_equal(truth_at(ahead.world, DEFAULT_UNTIL), before)


def test_an_unknown_placement_cannot_be_visited(ahead: Simulation) -> None:
    with pytest.raises(InputError, match="'SIM-9' is not in this world"):
        visit(ahead.world, ["SIM-9"], DEFAULT_UNTIL)


def test_a_longer_horizon_never_lowers_the_true_risk(small: Simulation) -> None:
    short, long = (true_risk(small.world, DEFAULT_UNTIL, horizon=days) for days in (30.0, 180.0))

    shared = short.index.intersection(long.index)
    assert (long[shared] >= short[shared] - 1e-12).all()


def test_a_certificate_that_works_lowers_the_risk_of_those_who_have_it() -> None:
    run = Scenario(WORLDS["open"], placements=3_000)
    without = replace(run, world=replace(run.world, certificate_relative_risk=1.0))

    with_effect, switched_off = (simulate_scenario(scenario).world for scenario in (run, without))

    certified = with_effect.population.certified
    gap = {
        world: state.harm.probability[0][certified].mean() - state.harm.probability[0][~certified].mean()
        for world, state in (("on", with_effect), ("off", switched_off))
    }
    assert gap["on"] < gap["off"]
