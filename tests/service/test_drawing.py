"""Lists follow what kind of model scored them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from risk_model.prioritisation.price import CORRIDOR_LIMIT
from service.drawing import Wanted, draw_list
from service.importing import import_data_set
from service.running import Running
from service.settings import Settings
from service.storage.engine import migrate

NOW = datetime(2026, 1, 12, tzinfo=UTC)


def test_published_rates_send_every_visit_of_the_risk_arm_to_the_corridor_they_put_first(
    databases: Any, make_settings: Callable[..., Settings], data_set: Path, tmp_path: Path
) -> None:
    running = Running(make_settings(databases.new(), model_dir=tmp_path))
    migrate(running.engine)
    import_data_set(running, data_set, as_of=None, now=NOW, progress=lambda _done, _total, _step: None)
    drawn = draw_list(
        running, Wanted(capacity=15, office=None, unit="placement", seed=1), now=NOW, by=("command line", "admin")
    )
    running.close()
    limit = next(price for price in drawn.head["price"] if price["arm"] == CORRIDOR_LIMIT)
    assert limit["given_up"] == pytest.approx(0)
    assert {row["destination"] for row in drawn.rows if row["arm"] == "risk"} == {"MYS"}
