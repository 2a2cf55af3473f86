"""Do probabilities and their intervals agree with simulated true harm?

Only a simulator knows the truth, so every figure here is a simulated one.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from risk_model.errors import NotEnoughDataError
from risk_model.learning.metrics import SMALLEST_PROBABILITY, calibration_error, calibration_line

Floats = NDArray[np.float64]

DECILES: Final = 10
SMALLEST_CELL: Final = 30
"""Rows a cell (decile × stratum) needs before its mean true risk is compared with its intervals."""


def calibration_on_truth(
    risk: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    true_risk: ArrayLike,
    harm: ArrayLike,
    *,
    strata: ArrayLike,
) -> dict[str, Any]:
    """Return how far probabilities and their 90 % intervals agree with the truth.

    Rows without a number (`risk` is NaN: corridor never seen) are left out and counted.

    Args:
        risk: predicted probability of harm, shape (n_rows,); null where none is given.
        low: lower end of the 90 % interval.
        high: upper end of the 90 % interval.
        true_risk: the probability the simulator used.
        harm: 1 where harm happened, else 0.
        strata: any label per row; intervals are held against truth within decile × stratum.

    Returns:
        rows, without_number; ece (mean distance of predicted from observed harm over ten bins), ece_true_risk
        (the same against the true risk, free of the noise of single outcomes), slope (of harm on the log-odds
        predicted; 1 is perfect), predicted_over_observed; coverage (share of rows whose interval holds the mean
        true risk of their cell, decile of risk × stratum), cells_covered (share of cells whose mean interval holds
        their mean true risk), mean_width (of the intervals, as probability), by_decile and by_stratum (records
        with rows, predicted, true, observed, coverage, width). Cells under 30 rows are left out of coverage.

    Raises:
        NotEnoughDataError: no row has a number, or harm is all of one kind.
    """
    table = pd.DataFrame(
        {
            "risk": np.asarray(risk, float),
            "low": np.asarray(low, float),
            "high": np.asarray(high, float),
            "true": np.asarray(true_risk, float),
            "harm": np.asarray(harm, float),
            "stratum": np.asarray(strata).astype(str),
        }
    )
    scored = table[table["risk"].notna()].reset_index(drop=True)
    if not len(scored) or not 0 < scored["harm"].mean() < 1:
        raise NotEnoughDataError(
            f"{len(scored)} rows with a number, {int(scored['harm'].sum())} of them harmed: calibration needs both; "
            "take a date at which the truth is known"
        )
    bounded = scored["risk"].clip(SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY).to_numpy()
    cells = _cells(scored)
    return {
        "rows": len(scored),
        "without_number": len(table) - len(scored),
        "ece": calibration_error(scored["harm"], scored["risk"]),
        "ece_true_risk": calibration_error(scored["true"], scored["risk"]),
        "slope": calibration_line(np.log(bounded / (1 - bounded)), scored["harm"])[0],
        "predicted_over_observed": float(scored["risk"].mean() / scored["harm"].mean()),
        **_coverage(cells),
        "mean_width": float((scored["high"] - scored["low"]).mean()),
        "by_decile": _by(cells, "decile"),
        "by_stratum": _by(cells, "stratum"),
    }


def _cells(scored: pd.DataFrame) -> pd.DataFrame:
    """Add decile (1 the lowest risk), the cell's means, and whether each row's interval holds the cell's true risk."""
    rank = scored["risk"].rank(method="average") / (len(scored) + 1)
    cells = scored.assign(decile=(rank * DECILES).astype(int).clip(upper=DECILES - 1) + 1)
    grouped = cells.groupby(["decile", "stratum"])
    means = {f"cell_{name}": grouped[name].transform("mean") for name in ("true", "low", "high")}
    cells = cells.assign(**means, size=grouped["risk"].transform("size"))
    return cells.assign(
        holds=cells["cell_true"].between(cells["low"], cells["high"]),
        cell_holds=cells["cell_true"].between(cells["cell_low"], cells["cell_high"]),
        counted=cells["size"] >= SMALLEST_CELL,
    )


def _coverage(cells: pd.DataFrame) -> dict[str, float]:
    counted = cells[cells["counted"]]
    firsts = counted.drop_duplicates(["decile", "stratum"])
    return {
        "coverage": float(counted["holds"].mean()) if len(counted) else float("nan"),
        "cells_covered": float(firsts["cell_holds"].mean()) if len(firsts) else float("nan"),
        "cells": float(len(firsts)),
    }


def _by(cells: pd.DataFrame, key: str) -> list[dict[str, Any]]:
    rows = []
    for name, part in cells.groupby(key):
        counted = part[part["counted"]]
        rows.append(
            {
                key: name,
                "rows": len(part),
                "predicted": float(part["risk"].mean()),
                "true": float(part["true"].mean()),
                "observed": float(part["harm"].mean()),
                "coverage": float(counted["holds"].mean()) if len(counted) else None,
                "width": float((part["high"] - part["low"]).mean()),
            }
        )
    return rows
