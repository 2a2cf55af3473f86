"""Does what was told give the same state, in whatever order and however often it came, on both databases?"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from service.access import ADMIN, PLACEMENT_SYSTEM, Principal
from service.applying import apply_events, refresh_corridors, register_placements
from service.running import Running
from service.settings import Settings
from service.tables import happenings, register

LATER = datetime(2026, 3, 1, tzinfo=UTC)
FIRST_DAY = datetime(2026, 1, 2)
STAFF = Principal("user:1", ADMIN)
SYSTEMS = (Principal("key:1", PLACEMENT_SYSTEM, owner="one"), Principal("key:2", PLACEMENT_SYSTEM, owner="two"))
OLD = tuple(f"{number:04d}" for number in range(0, 60, 5))
NEW = ("N-1", "N-2", "N-3", "N-4")
STATE = (
    register.placements,
    register.scores,
    register.mandatory_cases,
    register.resting_placements,
    register.area_events,
    happenings.clocks,
)
NOT_STATE = {"as_of"}
"""When a score was last written says when it last changed, not what it is."""

Step = Callable[[Running], None]


def events_at_random(rng: np.random.Generator, count: int) -> list[tuple[dict[str, Any], Principal]]:
    """Events of every type, about placements that an import brought, that will be registered, and that never are."""
    kinds = {
        "complaint": {},
        "contact": {},
        "missed_contact": {},
        "status_change": {"status": "departed"},
        "repatriation": {},
        "employer_change": {"employer_ref": "E-9", "wage_monthly_idr": 6e6},
        "contract_extension": {"contract_months": 36},
        "certificate_verified": {"certification_level": 6},
        "death": {},
    }
    categories = ("gaji_tidak_dibayar", "kekerasan_majikan", "ingin_dipulangkan", None)
    made = []
    for number in range(count):
        kind = str(rng.choice(list(kinds)))
        of_area = kind == "death" and rng.random() < 0.7
        data = dict(kinds[kind])
        if kind == "status_change" and rng.random() < 0.4:
            data["status"] = "returned"
        row = {
            "source": f"s{rng.integers(2)}",
            "event_id": str(number),
            "placement_id": None if of_area else str(rng.choice([*OLD, *NEW, "never"])),
            "area": str(rng.choice(["53.11", "53.18.01", "53"])) if of_area else None,
            "type": kind,
            "category": rng.choice(np.array(categories, dtype=object)) if kind == "complaint" else None,
            "procedural": None,
            "occurred_at": FIRST_DAY + timedelta(hours=int(rng.integers(1200))),
            "data": data or None,
            "data_origin": "simulated",
        }
        made.append((row, (STAFF, *SYSTEMS)[rng.integers(3)]))
    return made


def versions_at_random(rng: np.random.Generator) -> list[tuple[dict[str, Any], Principal, datetime]]:
    """New placements, each registered by one system and corrected some times; one changes its agency."""
    blank = {
        column.name: None
        for column in happenings.placement_versions.c
        if column.name not in ("version_id", "import_id", "registered_by", "recorded_at")
    }
    made = []
    for place, name in enumerate(NEW):
        for number in range(int(rng.integers(1, 4))):
            told = {
                "placement_id": name,
                "origin": "53.11",
                "destination": str(rng.choice(["MYS", "HKG", "TWN"])),
                "sector": str(rng.choice(["domestic", "manufacturing"])),
                "employer_type": "household",
                "scheme": "P_TO_P",
                "certification_level": int(rng.choice([3, 6])),
                "agency_id": rng.choice(np.array(["P3MI-A", "P3MI-B", None], dtype=object)),
                "registered_on": date(2026, 1, 2),
                "departed_on": date(2026, 1, 20) if rng.random() < 0.3 else None,
                "data_origin": "simulated",
            }
            at = FIRST_DAY + timedelta(days=10 * number + place, minutes=int(rng.integers(1000)))
            made.append(({**blank, **told}, SYSTEMS[place % 2], at.replace(tzinfo=UTC)))
    return made


def steps(rng: np.random.Generator, count: int) -> tuple[list[Step], list[Step]]:
    """What is told in order, and the same with a fifth repeated, cut into batches, and shuffled."""
    events, versions = events_at_random(rng, count), versions_at_random(rng)

    def telling(part: Sequence[tuple[dict[str, Any], Principal]]) -> list[Step]:
        return [
            lambda running, who=who, rows=rows: apply_events(running, rows, LATER, caller=who) and None
            for who in (STAFF, *SYSTEMS)
            if (rows := [row for row, teller in part if teller is who])
        ]

    def registering(row: dict[str, Any], who: Principal, at: datetime) -> Step:
        return lambda running: register_placements(running, [row], at, caller=who, workers={}) and None

    in_order = [
        *((at.replace(tzinfo=None), registering(row, who, at)) for row, who, at in versions),
        *((row["occurred_at"], step) for row, who in events for step in telling([(row, who)])),
    ]
    repeated = [*events, *(events[place] for place in rng.integers(0, len(events), len(events) // 5))]
    shuffled = [repeated[place] for place in rng.permutation(len(repeated))]
    cuts = np.sort(rng.integers(0, len(shuffled), 6))
    batches = [telling([shuffled[place] for place in part]) for part in np.split(np.arange(len(shuffled)), cuts)]
    mixed = [*(step for batch in batches for step in batch), *(registering(*version) for version in versions)]
    return (
        [step for _, step in sorted(in_order, key=lambda found: found[0])],
        [mixed[place] for place in rng.permutation(len(mixed))],
    )


def state(running: Running) -> dict[str, list[dict[str, Any]]]:
    with running.engine.connect() as connection:
        found = {}
        for table in STATE:
            kept = [column for column in table.c if table is not register.scores or column.name not in NOT_STATE]
            rows = connection.execute(select(*kept).order_by(table.primary_key.columns[0])).mappings()
            found[table.name] = [
                {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}
                for row in rows
            ]
    return found


def rounded(value: Any) -> Any:
    return round(value, 9) if isinstance(value, float) else value


def tallies(running: Running) -> dict[str, Any]:
    refresh_corridors(running, LATER)
    return dict(running.scoring().histories.snapshot.values)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3)
def test_order_and_repetition_make_no_difference(
    databases: Any, filled: str, make_settings: Callable[..., Settings], seed: int
) -> None:
    in_order, shuffled = steps(np.random.default_rng(seed), count=45)
    ended = []
    for told in (in_order, shuffled):
        running = Running(make_settings(databases.new(copy_of=filled)))
        for step in told:
            step(running)
        ended.append((state(running), tallies(running), state(running)["scores"]))
        running.close()
    assert ended[0] == ended[1]
