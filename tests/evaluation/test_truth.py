"""Do probabilities that are true look true, and wrong ones wrong?"""

import numpy as np
import pytest

from risk_model.errors import NotEnoughDataError
from risk_model.evaluation.truth import calibration_on_truth


def world(seed: int = 0, n: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    risk = random.beta(1, 6, n)
    return risk, (random.random(n) < risk).astype(float), random.choice(["before", "during"], n)


@pytest.mark.parametrize("seed", range(5))
def test_the_true_risk_is_calibrated(seed: int) -> None:
    risk, harm, strata = world(seed)
    judged = calibration_on_truth(risk, risk - 0.05, risk + 0.05, risk, harm, strata=strata)
    assert judged["ece_true_risk"] == pytest.approx(0, abs=1e-9)
    assert judged["ece"] < 0.012
    assert judged["slope"] == pytest.approx(1, abs=0.1)
    assert judged["predicted_over_observed"] == pytest.approx(1, abs=0.06)
    assert judged["cells_covered"] == 1.0
    assert sum(row["rows"] for row in judged["by_decile"]) == judged["rows"] == len(risk)


@pytest.mark.parametrize(
    ("change", "figure", "low", "high"),
    [
        (lambda p: p / 2, "predicted_over_observed", 0.45, 0.55),
        (lambda p: p**2, "slope", 0.4, 0.6),
        (lambda p: 0 * p + p.mean() + 0.2, "ece_true_risk", 0.19, 0.21),
    ],
    ids=["half", "too sure", "all alike"],
)
def test_what_is_wrong_shows(change: object, figure: str, low: float, high: float) -> None:
    risk, harm, strata = world()
    told = change(risk)  # type: ignore[operator]
    assert low < calibration_on_truth(told, told, told, risk, harm, strata=strata)[figure] < high


def test_coverage_is_the_share_of_rows_whose_interval_holds_their_cells_true_risk() -> None:
    risk, harm, strata = world()
    wide = np.arange(len(risk)) % 4 > 0
    judged = calibration_on_truth(risk, np.where(wide, 0.0, 2.0), np.where(wide, 1.0, 3.0), risk, harm, strata=strata)
    assert judged["coverage"] == pytest.approx(0.75, abs=0.01)
    assert judged["mean_width"] == pytest.approx(1.0)


def test_rows_without_a_number_are_left_out_and_counted() -> None:
    risk, harm, strata = world()
    gone = np.where(np.arange(len(risk)) < 100, np.nan, risk)
    assert calibration_on_truth(gone, gone, gone, risk, harm, strata=strata)["without_number"] == 100
    with pytest.raises(NotEnoughDataError, match="0 rows with a number"):
        calibration_on_truth(risk * np.nan, risk, risk, risk, harm, strata=strata)
