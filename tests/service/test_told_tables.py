"""Does training read the same state of every placement that the register has?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import select

from risk_model.data.database import read_database_tables
from risk_model.data.schema import as_of_view
from service.access import PLACEMENT_SYSTEM, Principal
from service.applying import apply_events
from service.running import Running
from service.tables.register import placements

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
SYSTEM = Principal("key:k", PLACEMENT_SYSTEM, owner="siskop2mi")
TOLD = [
    ("0001", "status_change", {"status": "departed", "on": "2025-12-20"}),
    ("0003", "status_change", {"status": "departed"}),
    ("0000", "status_change", {"status": "returned", "on": "2026-01-02"}),
    ("0003", "employer_change", {"employer_ref": "E99", "employer_type": "legal_entity"}),
    ("0005", "contract_extension", {"contract_end_on": "2027-01-01", "contract_months": 12}),
    ("0005", "certificate_verified", {"certification_level": 3}),
    ("0007", "repatriation", {}),
    ("0008", "complaint", {}),
]


def event(number: int, told: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    placement_id, kind, data = told
    return {
        "source": "siskop2mi",
        "event_id": f"n{number}",
        "placement_id": placement_id,
        "area": None,
        "type": kind,
        "category": "gaji_tidak_dibayar" if kind == "complaint" else None,
        "procedural": None,
        "occurred_at": datetime(2026, 1, 3) + timedelta(hours=number),
        "data": data or None,
        "data_origin": "simulated",
    }


def test_the_newest_versions_that_training_reads_are_the_states_of_the_register(running: Running) -> None:
    for number, told in enumerate(TOLD):
        apply_events(running, [event(number, told)], NOW + timedelta(minutes=number), caller=SYSTEM)
    tables = read_database_tables(running.engine)
    view = as_of_view(tables, pd.Timestamp("2026-02-01")).placements.set_index("placement_id")
    with running.engine.connect() as connection:
        register = {row["placement_id"]: dict(row) for row in connection.execute(select(placements)).mappings()}
    assert len(register) == 61
    read = [name for name in register["0000"] if name in view]
    for placement_id, state in register.items():
        told_row = view.loc[placement_id]
        for name in read:
            if name == "recorded_at":
                continue
            stored = pd.Timestamp(state[name]) if name.endswith("_on") and state[name] else state[name]
            same = pd.isna(told_row[name]) if stored is None else told_row[name] == stored
            assert same, (placement_id, name, told_row[name], stored)
    before = as_of_view(tables, pd.Timestamp(NOW.replace(tzinfo=None))).placements.set_index("placement_id")
    assert pd.isna(before.loc["0001", "departed_on"])
    assert view.loc["0001", "departed_on"] == pd.Timestamp("2025-12-20")
