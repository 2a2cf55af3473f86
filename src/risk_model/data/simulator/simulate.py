"""What happens in a simulated world up to a date?

The public door: `simulate` makes the tables and the truth, `write` writes them, and `recorded`, `visit` and
`true_risk` let a closed loop go on in the same world.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from risk_model.data.schema import Tables, conform
from risk_model.data.simulator import area_events, register, reporting, visiting
from risk_model.data.simulator.latent import harm as latent_harm
from risk_model.data.simulator.latent.careers import draw_careers
from risk_model.data.simulator.latent.drawing import take
from risk_model.data.simulator.latent.harm import KINDS, draw_harm
from risk_model.data.simulator.latent.population import draw_population
from risk_model.data.simulator.register import WorldState, in_cohort
from risk_model.data.simulator.worlds import (
    DATA_ORIGIN,
    DEFAULT_UNTIL,
    HORIZON_DAYS,
    Floats,
    Scenario,
    days,
    instants,
    scenario,
)
from risk_model.data.table_columns import columns

TRUTH_STEP_DAYS = 90
TRUTH_DATES = 5
"""`truth` holds `until` and four earlier dates a quarter apart; `truth_at` gives any other."""
DATE_COLUMNS = ("registered_on", "departed_on", "contract_end_on", "returned_on")


@dataclass(frozen=True)
class Simulation:
    """What the world shows (`tables`), what is true in it (`truth`), and the world itself, to go on from.

    `tables` hold what was recorded before `until`; `ahead` what will be recorded after it, whatever anybody visits.
    """

    tables: Tables
    truth: pd.DataFrame
    world: WorldState
    ahead: Tables


def simulate(
    world: str,
    *,
    reporting: str = "published",
    placements: int = 60_000,
    random_state: int = 0,
    until: pd.Timestamp = DEFAULT_UNTIL,
) -> Simulation:
    """Simulate `world` (open, hidden, silenced, shift) up to `until`; the same seed gives the same tables.

    Args:
        world: which of the four worlds.
        reporting: "published" (about one procedural complaint per 1,000 placements a year) or "rich" (ten times).
        placements: how many are registered in the four years before `until`.
        random_state: the seed; worlds of one seed share their placements and, but for `shift`, their harm.
        until: nothing recorded on or after this day is in the tables.

    Raises:
        InputError: an unknown world or kind of reporting, no placements, a negative seed.
    """
    run = scenario(world, reporting=reporting, placements=placements, random_state=random_state, until=until)
    return simulate_scenario(run)


def simulate_scenario(run: Scenario) -> Simulation:
    """Simulate any scenario: a world with changed parameters, or one that goes on after `until`."""
    population = draw_population(run)
    careers = draw_careers(run, population)
    harm = draw_harm(run, population, careers)
    ends = reporting.draw_bad_ends(run, careers, harm)
    back = careers.back.copy()
    back[ends.place] = ends.at
    careers = careers.cut_short(back)
    state = WorldState(run, population, careers, harm, register.draw_knowledge(run, population, careers))
    reports = reporting.placement_reports(state, ends)
    visits = _inspections(state, visiting.past_visits(state, reports[reports["type"] == "complaint"]))
    placements = _placements(state)
    events = _events(state, reports)
    truth = pd.concat([truth_at(state, as_of) for as_of in truth_dates(run.until)], ignore_index=True)
    past, ahead = (_recorded(placements, events, visits, run.until, later=later) for later in (False, True))
    return Simulation(past, truth, state, ahead)


def truth_dates(until: pd.Timestamp) -> list[pd.Timestamp]:
    """Return the dates for which `truth` is written, the newest first."""
    return [until - pd.Timedelta(days=TRUTH_STEP_DAYS * back) for back in range(TRUTH_DATES)]


def recorded(simulation: Simulation, before: pd.Timestamp) -> Tables:
    """Return what is recorded before `before`, a day after `until` as well: placements, events and the past visits."""
    joined = {}
    for name in ("placements", "events", "inspections"):
        frame = pd.concat([getattr(simulation.tables, name), getattr(simulation.ahead, name)], ignore_index=True)
        joined[name] = frame[frame["recorded_at"] < before].reset_index(drop=True)
    return Tables(**joined)


def visit(state: WorldState, placement_ids: pd.Series | pd.Index | list[str], at: pd.Timestamp) -> pd.DataFrame:
    """Visit placements at one moment; return a row of `inspections` for each, in the order given.

    Arm, list and probability are the visitor's to fill in; here the visit is outside any list and recorded a day
    later. The answer to one visit does not depend on the others, nor on the order, nor on any random state.

    Raises:
        InputError: an id that this world does not have.
    """
    place = state.places(placement_ids)
    moments = np.full(len(place), days(pd.Timestamp(at)))
    found = visiting.findings(state, place, moments).assign(
        place=place, at=moments, recorded=moments + 1, arm=visiting.OUTSIDE, inspector_ref="0" * 16
    )
    frame = _inspections(state, found)
    numbers = [f"SIM-VISIT-{pd.Timestamp(at):%Y%m%d}-{number:07d}" for number in place + 1]
    return frame.assign(inspection_id=pd.array(numbers, dtype="str"))


def true_risk(state: WorldState, as_of: pd.Timestamp, *, horizon: float = HORIZON_DAYS) -> pd.Series:
    """Return the probability of harm in (as_of, as_of + horizon days] of each placement in the cohort, by its id."""
    risk = latent_harm.true_risk(state.harm, state.careers, days(as_of), horizon=horizon)
    here = in_cohort(state, days(as_of))
    ids = state.population.facts["placement_id"].to_numpy()[here]
    return pd.Series(risk[here], index=pd.Index(ids, name="placement_id"), name="true_risk")


def truth_at(state: WorldState, as_of: pd.Timestamp, *, horizon: float = HORIZON_DAYS) -> pd.DataFrame:
    """Return the truth about the cohort at `as_of`, as the table `truth` has it."""
    risk = true_risk(state, as_of, horizon=horizon)
    place = state.places(risk.index)
    after, harm = days(as_of), state.harm
    within = (harm.begins[:, place] <= after + horizon) & (harm.ends[:, place] > after)
    episode, harmed = within.argmax(axis=0), within.any(axis=0)
    frame = pd.DataFrame(
        {
            "placement_id": risk.index.to_numpy(),
            "as_of": as_of,
            "true_risk": risk.to_numpy(),
            "harm": harmed,
            "harm_at": instants(np.where(harmed, harm.begins[episode, place], np.inf)),
            "category": take(KINDS, np.where(harmed, harm.kind[episode, place], -1)),
            "severity": pd.array(np.where(harmed, harm.severity[episode, place], 0), dtype="Int64"),
        }
    )
    return conform("truth", frame)


def write(simulation: Simulation, folder: Path) -> None:
    """Write placements, events, inspections and truth into `folder` as Parquet; the same seed gives the same bytes.

    Each row and the metadata of each file say that the data are simulated.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = simulation.world.run
    about = {"data_origin": DATA_ORIGIN, "world": run.world.name, "seed": str(run.random_state)}
    frames = {name: getattr(simulation.tables, name) for name in ("placements", "events", "inspections")}
    for name, frame in (frames | {"truth": simulation.truth}).items():
        table = pa.Table.from_pandas(frame[columns(name)], preserve_index=False)
        partial = folder / f".{name}.parquet.partial"
        pq.write_table(table.replace_schema_metadata((table.schema.metadata or {}) | about), partial)
        partial.replace(folder / f"{name}.parquet")


def _placements(state: WorldState) -> pd.DataFrame:
    versions = register.versions(state.run, state.population, state.careers, state.known)
    dates = {column: versions[column].dt.floor("D") for column in DATE_COLUMNS}
    return versions.assign(**dates).reindex(columns=columns("placements"))


def _events(state: WorldState, reports: pd.DataFrame) -> pd.DataFrame:
    rows = [
        reports.assign(recorded=np.maximum(reports["recorded"], state.known.registered[reports["place"]])),
        register.career_events(state.run, state.population, state.careers, state.known),
        reporting.complaints_without_placement(state.run, state.population).assign(place=-1),
        area_events.area_events(state.run).assign(place=-1),
    ]
    frame = pd.concat(rows, ignore_index=True)
    frame = frame[(frame["recorded"] < state.run.end)].sort_values("recorded", kind="stable", ignore_index=True)
    return _named(state, frame, "events", occurred_at=frame["occurred"].to_numpy())


def _inspections(state: WorldState, visits: pd.DataFrame) -> pd.DataFrame:
    frame = visits.sort_values("recorded", kind="stable", ignore_index=True)
    return _named(state, frame, "inspections", visited_at=frame["at"].to_numpy())


def _named(state: WorldState, frame: pd.DataFrame, name: str, **moments: Floats) -> pd.DataFrame:
    """Give rows their ids, instants and origin, and hold them to the contract of table `name`."""
    prefix, identifier = {"events": ("SIM-EV", "event_id"), "inspections": ("SIM-IN", "inspection_id")}[name]
    ids = state.population.facts["placement_id"].array.take(frame["place"].to_numpy(dtype=np.int64), allow_fill=True)
    return conform(
        name,
        frame.assign(
            **{key: instants(values) for key, values in moments.items()},
            **{identifier: [f"{prefix}-{number:08d}" for number in range(1, len(frame) + 1)]},
            placement_id=ids,
            recorded_at=instants(frame["recorded"].to_numpy()),
            data_origin=DATA_ORIGIN,
        ),
    )


def _recorded(
    placements: pd.DataFrame, events: pd.DataFrame, visits: pd.DataFrame, until: pd.Timestamp, *, later: bool
) -> Tables:
    parts = [
        frame[(frame["recorded_at"] >= until) == later].reset_index(drop=True) for frame in (placements, events, visits)
    ]
    return Tables(conform("placements", parts[0]), parts[1], parts[2])
