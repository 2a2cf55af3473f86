"""What do the tests of the loop share: a small world, a short specification, and one run of every policy."""

from pathlib import Path

import pytest

from risk_model.data.simulator.simulate import Simulation
from risk_model.replay.loop import Course, Replay, replay
from risk_model.replay.policies import POLICIES
from risk_model.replay.scenarios import world_ahead
from risk_model.specification import Specification, read_specification

MODELS = Path(__file__).resolve().parents[2] / "models"
FEATURES = ("destination", "sector", "employer_type", "stage", "agency", "corridor_found_rate", "placement_complaints")
EVERYBODY = Course(rounds=3, policies=tuple(POLICIES), visits=30, retrain_every=3, random_state=3)


@pytest.fixture(scope="session")
def specification() -> Specification:
    """The shipped specification with few features and a coarse grid of dates, so that learning takes a moment."""
    full = read_specification(MODELS / "placement_risk.yaml")
    assert full.cohort is not None
    return full.model_copy(
        update={
            "features": tuple(feature for feature in full.features if feature.name in FEATURES),
            "outcome": full.outcome.model_copy(update={"reporting": ("employer_type", "stage")}),
            "cohort": full.cohort.model_copy(update={"step_days": 90}),
        }
    )


@pytest.fixture(scope="session")
def world() -> Simulation:
    """A small hidden world that goes on for four months."""
    return world_ahead("hidden", reporting="rich", placements=3_000, rounds=4, random_state=1)


@pytest.fixture(scope="session")
def happened(world: Simulation, specification: Specification) -> Replay:
    """Three rounds of every policy there is."""
    return replay(world, specification, EVERYBODY)
