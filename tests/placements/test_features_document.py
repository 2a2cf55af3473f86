"""Does docs/features.md describe the features there are?"""

import re
from pathlib import Path

from risk_model.placements.features import DERIVED
from risk_model.placements.training_table import MOST_COHORT_ROWS
from risk_model.specification import Specification

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "features.md").read_text(encoding="utf-8")
PARTS = PAGE.split("\n## ")


def rows(part: str) -> dict[str, str]:
    """The rows of a table by their first cell."""
    return dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", part, flags=re.MULTILINE))


def test_every_input_of_the_model_is_described_once_and_nothing_else(specification: Specification) -> None:
    described = [name for part in PARTS[1:4] for name in rows(part)]
    assert sorted(described) == sorted(specification.input_columns)
    assert sorted(rows(PARTS[2])) == sorted(DERIVED)


def test_every_history_is_described_with_its_entity_window_and_shrinkage(specification: Specification) -> None:
    histories = {feature.name: feature.history for feature in specification.features if feature.history}
    described = rows(PARTS[3])
    assert set(described) == set(histories)
    for name, history in histories.items():
        entity, _, window, shrinkage, _ = described[name].split(" | ")
        assert re.findall(r"`(\w+)`", entity) == list(history.entity)
        assert int(window) == history.window_days
        if history.denominator is None:
            assert shrinkage == "–"
        else:
            assert float(shrinkage.split(",")[0]) == history.shrinkage
            assert re.findall(r"`(\w+)`", shrinkage) == list(history.parent or ())


def test_the_number_of_cohort_rows_is_the_one_in_use() -> None:
    assert f"{MOST_COHORT_ROWS:,} rows" in PAGE
