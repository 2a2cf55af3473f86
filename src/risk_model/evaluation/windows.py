"""Had every outcome a test learnt from closed before the test began?"""

from typing import Any

import numpy as np
import pandas as pd

from risk_model.errors import NotEnoughDataError
from risk_model.learning.splits import splits
from risk_model.specification import Specification


def windows_of_tests(
    table: pd.DataFrame, specification: Specification, tested: pd.DataFrame, *, column: str
) -> list[dict[str, Any]]:
    """Return one record per test: its rows, the dates tested, and when the last outcome learnt from had closed.

    Stored with the version when it is trained, so that the gate can judge what training did.

    Args:
        table: every row training was given.
        specification: names the time column, the horizon and the tests.
        tested: the tested rows with `split`.
        column: the outcome that was learnt (null: nobody looked).
    """
    time = specification.time
    looked = table[table[column].notna()]
    dated = looked.assign(**{time: pd.to_datetime(looked[time])}).reset_index(drop=True)
    outcome = dated[column].to_numpy(dtype=np.float64)
    try:
        made = {split.number: split.train for split in splits(dated, specification, outcome)}
    except NotEnoughDataError:
        made = {}  # the tests were not made from these rows; the gate then finds no closing date
    horizon = pd.Timedelta(days=specification.horizon_days)
    records = []
    for number, rows in tested.groupby("split"):
        learnt = dated[time].iloc[made.get(int(str(number)), np.empty(0, dtype=np.int64))]
        records.append(
            {
                "split": int(str(number)),
                "rows": len(rows),
                "tested_from": str(pd.to_datetime(rows[time]).min()),
                "tested_until": str(pd.to_datetime(rows[time]).max()),
                "learnt_rows": len(learnt),
                "closed_at": str((learnt + horizon).max()),
            }
        )
    return records


def overlapping(records: list[dict[str, Any]]) -> list[str]:
    """Return the tests whose learnt outcomes had not all closed when testing began, or of which that is not known."""
    faults = []
    for record in records:
        closed, begins = pd.Timestamp(record["closed_at"]), pd.Timestamp(record["tested_from"])
        if not closed <= begins:
            faults.append(f"test {record['split'] + 1}: outcomes open until {closed}, tested from {begins}")
    return faults
