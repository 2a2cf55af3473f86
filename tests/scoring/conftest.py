"""What do the tests of scoring share?"""

import numpy as np
import pytest

from risk_model.scoring.coding import SEPARATOR, Coding, Level
from risk_model.scoring.scorer import CompiledModel, Term


@pytest.fixture(scope="session")
def model() -> CompiledModel:
    """A small model with a term of each kind: lookup, crossed with a parent, verified number, flag."""
    destination = Coding(
        name="destination",
        columns=("destination",),
        size=4,
        unknown=3,
        levels=(Level(("destination",), {"MYS": 0, "KOR": 1, "": 2}),),
    )
    crossed = Coding(
        name="employer_type_destination",
        columns=("employer_type", "destination"),
        size=4,
        unknown=3,
        levels=(
            Level(("employer_type", "destination"), {f"household{SEPARATOR}MYS": 0}),
            Level(("employer_type",), {"household": 1, "legal_entity": 2}),
        ),
    )
    level = Coding(
        name="certification_level",
        columns=("certification_level",),
        size=4,
        unknown=3,
        edges=(1.5, 3.5),
        counts_if="certification_verified",
    )
    visa = Coding(
        name="has_work_visa",
        columns=("has_work_visa",),
        size=3,
        unknown=2,
        levels=(Level(("has_work_visa",), {"true": 0, "false": 1}),),
    )
    return CompiledModel(
        kind="scorecard",
        intercept=-2.0,
        variance=0.01,
        terms=(
            Term(destination, np.array([0.3, -0.8, 0.1, 0.0]), np.full(4, 0.02)),
            Term(crossed, np.array([0.9, 0.4, -0.2, 0.0]), np.full(4, 0.03)),
            Term(level, np.array([0.5, -0.1, -0.6, 0.2]), np.full(4, 0.04)),
            Term(visa, np.array([-0.05, 0.7, 0.0]), np.full(3, 0.05)),
        ),
        detection=0.92,
        thresholds=(0.4, 0.2, 0.1),
        support_columns=("destination",),
        supported=frozenset({"MYS", "KOR"}),
        card={
            "data_origin": "simulated",
            "labels": {
                "destination": {"id": "Negara tujuan", "en": "Destination"},
                "certification_level": {"id": "Tingkat sertifikasi", "en": "Certification level"},
            },
        },
    )
