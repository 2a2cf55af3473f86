"""What do all tests share?"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a busy machine is no finding, so no property is timed; CI repeats the same examples on every run
settings.register_profile(
    "house",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of reference inputs beside the checkout; tests that need it say so when it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"SKIPPED LOUDLY: {folder} is absent, so the real office files and data sets were NOT tried")
    return folder
