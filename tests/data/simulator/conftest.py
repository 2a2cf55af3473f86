"""What do the tests of the simulator share: one small run, and the four worlds of one seed."""

import pytest

from risk_model.data.simulator.simulate import Simulation, simulate


@pytest.fixture(scope="session")
def small() -> Simulation:
    """A small hidden world with much reporting."""
    return simulate("hidden", reporting="rich", placements=3_000, random_state=1)


@pytest.fixture(scope="session")
def worlds() -> dict[str, Simulation]:
    """The four worlds, large enough to compare shares in, from one seed."""
    names = ("open", "hidden", "silenced", "shift")
    return {name: simulate(name, reporting="rich", placements=20_000, random_state=2) for name in names}
