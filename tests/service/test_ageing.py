"""Who is looked at when days pass: nobody whose score is another then is left out, and hardly anybody else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, insert, select

from risk_model.placements.features import months_since_departure, stage
from risk_model.scoring.coding import Coding
from risk_model.scoring.release import write_release
from risk_model.scoring.scorer import CompiledModel, Term
from risk_model.scoring.signing_keys import load_or_create_keys
from service.access import NATIONAL, Principal
from service.ageing import AGE, who_ages
from service.applying import apply_events, register_placements, rescore_all
from service.drawing import Wanted, draw_list
from service.late_scores import score_late
from service.running import Running
from service.settings import Settings
from service.tables import happenings, register
from tests.service.conftest import NOW, hand_made_model
from tests.service.test_applying import event, version

BEFORE = datetime(2026, 1, 1)
EDGES = (0.5, 3.0, 10.25, 24.0)
STAFF = Principal("user:1", NATIONAL)
BLANK = {
    "origin": "53.11",
    "destination": "MYS",
    "sector": "domestic",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "agency_id": "A",
    "recorded_at": BEFORE,
    "data_origin": "simulated",
}
days = st.none() | st.dates(date(2023, 6, 1), date(2026, 4, 1))
"""When somebody departed, or returned."""


def ageing_model(edges: tuple[float, ...] = EDGES) -> CompiledModel:
    """The hand-made model with a term that reads the months since departure in steps."""
    size = len(edges) + 2
    coding = Coding(AGE, (AGE,), size, size - 1, edges=edges)
    term = Term(coding, np.linspace(-0.8, 0.9, size), np.full(size, 0.01))
    model = hand_made_model()
    labels = {**model.card["labels"], AGE: {"id": "Bulan sejak berangkat", "en": "Months since departure"}}
    return replace(model, terms=(*model.terms, term), card={**model.card, "labels": labels})


def found(model: CompiledModel, rows: list[dict[str, Any]], after: datetime, *, before: datetime = BEFORE) -> set[str]:
    """Ids of `rows` whose scores may be others at `after`."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        register.placements.create(connection)
        connection.execute(insert(register.placements), [BLANK | row for row in rows])
        query = select(register.placements.c.placement_id)
        conditions = who_ages(model, {"A": (before, after)})
        names = {name for each in conditions for name in connection.execute(query.where(each)).scalars()}
    engine.dispose()
    return names


def people(dates: list[tuple[date | None, date | None]]) -> list[dict[str, Any]]:
    return [
        {"placement_id": str(place), "departed_on": departed, "returned_on": returned}
        for place, (departed, returned) in enumerate(dates)
    ]


def read_by_terms(rows: list[dict[str, Any]], as_of: datetime) -> list[tuple[str, int]]:
    """The stage of each row, and the code of its months."""
    columns = {name: [row[name] for row in rows] for name in ("departed_on", "returned_on")}
    dates = {name: np.array(values, dtype="datetime64[us]") for name, values in columns.items()}
    moment = np.datetime64(as_of, "us")
    coding = ageing_model().terms[-1].coding
    codes = [coding.encode_one({AGE: months}) for months in months_since_departure(dates, moment)]
    return list(zip(stage(dates, moment).tolist(), codes, strict=True))


@given(st.lists(st.tuples(days, days), min_size=1, max_size=30), st.integers(1, 400))
def test_who_is_not_looked_at_has_the_stage_and_the_step_it_had(
    dates: list[tuple[date | None, date | None]], passed: int
) -> None:
    rows, after = people(dates), BEFORE + timedelta(days=passed)
    looked_at = found(ageing_model(), rows, after)
    for row, then, now in zip(rows, read_by_terms(rows, BEFORE), read_by_terms(rows, after), strict=True):
        assert then == now or row["placement_id"] in looked_at


def test_one_day_makes_few_be_looked_at() -> None:
    rows = people([(BEFORE.date() - timedelta(days=number), None) for number in range(2, 1000)])
    assert len(found(ageing_model(), rows, BEFORE + timedelta(days=1))) < 6 * len(EDGES)


def test_where_nothing_was_imported_everything_that_departed_may_have_aged() -> None:
    rows = people([(date(2025, 12, 1), None), (None, None)])
    assert found(ageing_model(), rows, BEFORE, before=datetime.min) == {"0"}


def test_a_model_that_does_not_read_months_in_steps_looks_at_all() -> None:
    coding = Coding("both", (AGE, "sector"), 1, 0)
    model = replace(hand_made_model(), terms=(Term(coding, np.zeros(1), np.zeros(1)),))
    assert found(model, people([(None, None)]), BEFORE + timedelta(days=1)) == {"0"}


@pytest.fixture
def aged(databases: Any, filled: str, make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Running]:
    """The small world scored by a model that reads months since departure."""
    keys = load_or_create_keys(tmp_path / "keys")
    write_release(
        ageing_model((9.0, 10.0, 11.0, 12.0)),
        tmp_path / "champion",
        private_key=keys.private,
        release_id="ageing",
        created_at=NOW,
    )
    settings = make_settings(
        databases.new(copy_of=filled),
        model_dir=tmp_path / "champion",
        public_key=tmp_path / "keys" / "release_key.pub",
    )
    running = Running(settings)
    rescore_all(running, NOW, cause="model")
    yield running
    running.close()


def scores_of(running: Running) -> list[tuple[Any, ...]]:
    with running.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(register.scores).order_by("placement_id"))]


def tell(running: Running, placement: str, day: str, kind: str = "contact") -> None:
    """Tell an event of a placement on a day."""
    category = "gaji_tidak_dibayar" if kind == "complaint" else None
    told = event(kind, placement, f"{day}T10:00:00", category=category)
    apply_events(running, [told], datetime.fromisoformat(f"{day}T12:00:00+00:00"), caller=STAFF)


def test_after_the_first_event_of_a_later_day_all_of_the_agency_stand_as_scored_anew(aged: Running) -> None:
    before = scores_of(aged)
    for place, day in enumerate(("2026-01-03", "2026-01-10", "2026-02-20")):
        tell(aged, f"{place:04d}", day)
        told = scores_of(aged)
        rescore_all(aged, NOW, cause="model")
        assert scores_of(aged) == told
    assert sum(was != now for was, now in zip(before, told, strict=True)) > 20


LARGE, EARLIER, LATER = "P3MI-LARGE", "2026-01-12", "2026-07-20"
NUMBER = 450
OF_LARGE = [f"L{number:03d}" for number in range(NUMBER)]


@pytest.fixture
def large(aged: Running) -> Running:
    """The same world with an agency that has many placements, who departed one after the other in 15 months."""
    first = date(2025, 1, 1)
    rows = [
        version(name, agency_id=LARGE, departed_on=first + timedelta(days=number), registered_on=None)
        for number, name in enumerate(OF_LARGE)
    ]
    register_placements(aged, rows, datetime(2026, 1, 2, tzinfo=UTC), caller=STAFF, workers={})
    tell(aged, OF_LARGE[0], EARLIER)
    score_late(aged, NOW)
    return aged


def stored(running: Running, name: str) -> dict[str, Any]:
    """One column of the scores, by placement."""
    with running.engine.connect() as connection:
        rows = connection.execute(select(register.scores.c.placement_id, register.scores.c[name]))
        return {row[0]: row[1] for row in rows}


def risks(running: Running) -> dict[str, float]:
    return stored(running, "risk")


def as_scored_anew(running: Running) -> bool:
    """Whether every score is what scoring the whole register gives."""
    there = risks(running)
    rescore_all(running, NOW, cause="model")
    return there == risks(running)


def test_where_a_large_agency_is_known_much_further_one_is_scored_at_once_and_the_others_soon(large: Running) -> None:
    before = risks(large)
    tell(large, OF_LARGE[250], LATER)
    at_once = {name for name, risk in risks(large).items() if risk != before[name]}
    assert at_once == {OF_LARGE[250]}
    assert large.scores_are_due.is_set()
    assert score_late(large, NOW) == 3, "in parts, so that events go on meanwhile"
    assert len({name for name, risk in risks(large).items() if risk != before.get(name)}) > NUMBER / 2
    assert as_scored_anew(large)
    assert score_late(large, NOW) == 0


def test_what_one_process_left_half_done_another_finishes(
    large: Running, make_settings: Callable[..., Settings]
) -> None:
    tell(large, OF_LARGE[250], LATER)
    url = large.engine.url.render_as_string(hide_password=False)
    settings = large.settings.model_copy(update={"database_url": url})
    other = Running(settings)
    assert score_late(other, NOW, most=1) == 1
    other.close()
    assert score_late(large, NOW) == 2
    assert as_scored_anew(large)


def test_what_moves_while_scores_wait_is_in_them_in_the_end(large: Running) -> None:
    tell(large, OF_LARGE[250], LATER)
    assert score_late(large, NOW, most=1) == 1
    tell(large, OF_LARGE[10], LATER, "complaint")
    score_late(large, NOW)
    assert as_scored_anew(large)


def test_a_list_is_drawn_when_no_score_waits(large: Running) -> None:
    tell(large, OF_LARGE[250], LATER)
    draw_list(large, Wanted(10, None, "placement", 1), now=NOW, by=("user:1", NATIONAL))
    assert score_late(large, NOW) == 0
    assert as_scored_anew(large)


def test_bands_that_change_late_are_told(large: Running) -> None:
    with large.engine.connect() as connection:
        newest = connection.execute(select(func.max(happenings.changes.c.seq))).scalar_one()
    bands = stored(large, "band")
    tell(large, OF_LARGE[250], LATER)
    score_late(large, NOW)
    changed = {name for name, band in stored(large, "band").items() if band != bands[name]}
    with large.engine.connect() as connection:
        told = connection.execute(select(happenings.changes).where(happenings.changes.c.seq > newest)).mappings().all()
    assert changed
    assert {row["placement_id"] for row in told} == changed


def test_within_a_week_all_of_an_agency_are_scored_at_once(large: Running) -> None:
    tell(large, OF_LARGE[250], "2026-01-18")
    assert score_late(large, NOW) == 0
    assert as_scored_anew(large)


def test_a_small_agency_is_scored_at_once_however_much_later(aged: Running) -> None:
    tell(aged, "0000", LATER)
    assert score_late(aged, NOW) == 0
    assert as_scored_anew(aged)
