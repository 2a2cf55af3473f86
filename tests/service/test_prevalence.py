"""Does the service say how much harm is missed, from its own lists and visits, and only when it can?"""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import delete, insert, select, update
from starlette.testclient import TestClient

from risk_model.data.schema import write_tables
from risk_model.data.simulator.simulate import simulate
from risk_model.workflows.prevalence import prevalence
from service.access import INSPECTOR, NATIONAL, SUPERVISOR, Principal
from service.drawing import Wanted, draw_list
from service.importing import import_data_set
from service.running import Running
from service.settings import Settings
from service.storage.engine import migrate
from service.tables.happenings import inspections, placement_versions
from service.tables.lists import list_probabilities, list_rows, list_states, lists
from service.tables.register import scores
from tests.service.told_worlds import write

AS_OF = datetime(2025, 12, 1)
NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
LISTS, VISITS = 8, 60


def quiet(_done: int, _total: int, _text: str) -> None:
    """Progress that nobody watches."""


def chance(placement_id: str) -> float:
    """A number in [0, 1) that goes with the placement alone."""
    return int.from_bytes(hashlib.sha256(placement_id.encode()).digest()[:4]) / 2**32


@pytest.fixture(scope="module")
def drawn(
    databases: Any, make_settings: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A service that drew several lists of the whole register from one simulated cohort; nobody visited yet."""
    folder: Path = tmp_path_factory.mktemp("world")
    tables = simulate("hidden", reporting="rich", placements=1_500, random_state=3).tables
    write_tables(tables, folder)
    running = Running(make_settings(databases.new(), model_dir=folder / "no-release"))
    migrate(running.engine)
    import_data_set(running, folder, as_of=AS_OF, now=NOW, progress=quiet)
    with running.engine.begin() as connection:
        connection.execute(delete(placement_versions))
        write(connection, placement_versions, tables.placements[tables.placements["recorded_at"] < pd.Timestamp(AS_OF)])
    for seed in range(LISTS):
        draw_list(running, Wanted(VISITS, None, "placement", seed), now=NOW, by=("command line", "admin"))
    yield running
    running.close()


def truth(running: Running) -> dict[str, bool]:
    """Whether each placement is in harm: likelier the higher its score, so that visits to high scores exaggerate."""
    with running.engine.connect() as connection:
        known = pd.DataFrame(connection.execute(select(scores.c.placement_id, scores.c.risk)).all())
    rank = known["risk"].fillna(0).rank(pct=True)
    return dict(zip(known["placement_id"], known["placement_id"].map(chance) < 0.45 * rank**2, strict=True))


def rows_of_lists(running: Running) -> pd.DataFrame:
    names = ("list_id", "rank", "placement_id", "arm", "inclusion_probability")
    with running.engine.connect() as connection:
        found = connection.execute(select(*(list_rows.c[name] for name in names)).order_by(*list_rows.primary_key))
        return pd.DataFrame(found.all(), columns=list(names))


def visit(running: Running, rows: pd.DataFrame, *, close: bool = True) -> None:
    """Record what a visit finds at each of `rows`, by what is true of the placement, in place of all visits before."""
    harmed = truth(running)
    told = [
        {
            **row,
            "inspection_id": f"{row['list_id']}-{row['rank']}",
            "visited_at": AS_OF + timedelta(days=5),
            "outcome": "harm_found" if harmed[row["placement_id"]] else "no_harm_found",
            "recorded_at": AS_OF + timedelta(days=6),
            "data_origin": "simulated",
        }
        for row in rows.to_dict("records")
    ]
    state = {"state": "closed" if close else "draft", "version": 1, "changed_at": NOW.replace(tzinfo=None)}
    with running.engine.begin() as connection:
        connection.execute(delete(inspections))
        connection.execute(delete(list_states))
        connection.execute(insert(inspections), told)
        ids = connection.execute(select(lists.c.list_id)).scalars().all()
        connection.execute(insert(list_states), [{**state, "list_id": each, "changed_by": "user:x"} for each in ids])


@pytest.fixture(scope="module")
def drawn_client(drawn: Running, client_of: Callable[[Running], TestClient]) -> TestClient:
    return client_of(drawn)


def test_the_visits_of_the_service_tell_how_much_is_missed_and_the_naive_figure_does_not(
    drawn: Running, drawn_client: TestClient
) -> None:
    visit(drawn, rows_of_lists(drawn))
    answer = drawn_client.get("/v1/prevalence").json()
    share = np.mean(list(truth(drawn).values()))
    assert (answer["status"], answer["lists"], answer["data_origin"]) == ("estimated", LISTS, "simulated")
    # what visits see is divided by the declared share of harm that they find
    assert answer["in_harm"]["low_95"] < share / answer["detection"] < answer["in_harm"]["high_95"]
    assert answer["inspected_only"]["low_95"] > answer["in_harm"]["estimate"]
    assert answer["missed"]["low_90"] <= answer["missed"]["estimate"] <= answer["missed"]["high_90"]
    assert abs(answer["harm"]["estimate"] - answer["found"] - answer["missed"]["estimate"]) <= 1
    assert abs(answer["placements"] - len(truth(drawn))) <= 2.5


def test_another_visit_changes_the_answer_at_once(drawn: Running, drawn_client: TestClient) -> None:
    visit(drawn, rows_of_lists(drawn))
    before = drawn_client.get("/v1/prevalence").json()
    with drawn.engine.begin() as connection:
        at_random = select(inspections.c.inspection_id).where(inspections.c.arm == "random").limit(1).scalar_subquery()
        old = connection.execute(select(inspections).where(inspections.c.inspection_id == at_random)).mappings().one()
        turned = "no_harm_found" if old["outcome"] == "harm_found" else "harm_found"
        corrected = {name: value for name, value in old.items() if name != "seq"}
        connection.execute(insert(inspections), {**corrected, "inspection_id": "corrected", "outcome": turned})
        connection.execute(update(inspections).where(inspections.c.seq == old["seq"]).values(replaced_by="corrected"))
    after = drawn_client.get("/v1/prevalence").json()
    assert (after["in_harm"]["estimate"] > before["in_harm"]["estimate"]) == (turned == "harm_found")


def test_few_corridors_are_named_and_none_of_them_is_small(drawn: Running, drawn_client: TestClient) -> None:
    visit(drawn, rows_of_lists(drawn))
    answer = drawn_client.get("/v1/prevalence").json()
    assert answer["corridors"]
    assert all(each["placements"] >= 10 and each["placements"] % 5 == 0 for each in answer["corridors"])
    assert answer["corridors_suppressed"] > 0


@pytest.mark.parametrize(
    ("arms", "says"), [(["mandatory", "risk"], "visits drawn by chance"), (["coverage"], "do not stand for")]
)
def test_without_the_visits_that_chance_drew_there_is_no_number(
    drawn: Running, drawn_client: TestClient, arms: list[str], says: str
) -> None:
    rows = rows_of_lists(drawn)
    certain = rows["inclusion_probability"] == 1
    visit(drawn, rows[rows["arm"].isin(arms) & (certain | (rows["arm"] == "coverage"))])
    answer = drawn_client.get("/v1/prevalence").json()
    assert answer["status"] == "not_enough_data"
    assert says in answer["says_en"]
    for name in ("in_harm", "inspected_only", "harm", "found", "missed"):
        assert answer[name] is None
    assert answer["corridors"] == []


def test_a_draft_and_a_list_that_nobody_visited_do_not_count(drawn: Running, drawn_client: TestClient) -> None:
    rows = rows_of_lists(drawn)
    visit(drawn, rows, close=False)
    assert drawn_client.get("/v1/prevalence").json()["lists"] == 0
    visit(drawn, rows[rows["list_id"] == rows["list_id"].iloc[0]])
    assert drawn_client.get("/v1/prevalence").json()["lists"] == 1


def test_before_a_list_is_over_the_answer_has_the_origin_of_the_register(client: TestClient) -> None:
    answer = client.get("/v1/prevalence").json()
    assert (answer["lists"], answer["data_origin"]) == (0, "simulated")


def test_an_office_that_the_caller_does_not_see_is_as_one_that_does_not_exist(client: TestClient) -> None:
    answer = client.get("/v1/prevalence?office=NOBODY")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:placement-risk:problem:no_such_office")
    assert client.get("/v1/prevalence?office=BP3MI-NTT").json()["lists"] == 0


def test_inspectors_are_not_told_and_supervisors_are() -> None:
    told = {role: Principal("user:x", role).may("prevalence.read") for role in (INSPECTOR, SUPERVISOR, NATIONAL)}
    assert told == {INSPECTOR: False, SUPERVISOR: True, NATIONAL: True}


def test_every_eligible_placement_of_a_list_is_counted_once(drawn: Running) -> None:
    with drawn.engine.connect() as connection:
        each = pd.DataFrame(connection.execute(select(list_probabilities.c.list_id)).all())["list_id"].value_counts()
    assert (each == len(truth(drawn))).all()


def test_the_command_counts_whom_an_office_could_have_drawn_and_nobody_else(drawn: Running) -> None:
    lists_of_all = rows_of_lists(drawn)["list_id"].unique()
    for seed in range(LISTS):
        draw_list(drawn, Wanted(VISITS, "BP3MI-NTT", "placement", seed), now=NOW, by=("command line", "admin"))
    rows = rows_of_lists(drawn)
    visit(drawn, rows)
    told = prevalence(
        Path(str(drawn.settings.database_url)),
        as_of=pd.Timestamp(NOW.replace(tzinfo=None)) + pd.Timedelta(days=90),
        reference=None,
        months=24,
        office="BP3MI-NTT",
        specification_file=drawn.settings.specification,
        progress=quiet,
    )
    own = rows[~rows["list_id"].isin(lists_of_all)]
    with drawn.engine.connect() as connection:
        of_office = select(list_probabilities.c.placement_id).where(list_probabilities.c.list_id.in_(own["list_id"]))
        frame = set(connection.execute(of_office).scalars())
    assert told["lists"] == LISTS
    assert told["placements_per_list"] == len(frame)
    assert told["visits_that_reached"] == len(own)
