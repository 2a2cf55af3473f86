"""Does what a list's visits found come back as rows that training learns from, with arm and probability?"""

from datetime import datetime

import pandas as pd

from risk_model.data.database import read_database_tables
from risk_model.placements.training_table import training_table
from service.running import Running
from tests.service.worked_lists import worked_list


def test_visits_of_a_list_are_rows_to_learn_from_with_their_probability(running: Running) -> None:
    drawn = worked_list(running, None, ["user:1"], closed=True, seed=3)
    tables = read_database_tables(running.engine)
    table = training_table(tables, running.specification, pd.Timestamp(datetime(2026, 2, 1)))
    learnt = table[table["inclusion_probability"].notna()].drop_duplicates("placement_id", keep="last")
    told = {row["placement_id"]: (row["arm"], row["inclusion_probability"]) for row in drawn.rows}
    found = {
        row["placement_id"]: (row["arm"], row["inclusion_probability"])
        for row in learnt[["placement_id", "arm", "inclusion_probability"]].to_dict("records")
    }
    assert found == told
    assert set(learnt["found"]) == {0.0, 1.0}
