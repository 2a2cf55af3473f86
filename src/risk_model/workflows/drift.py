"""Does a version still fit the placements and what visits find among them?"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from risk_model import registry
from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.data.schema import Tables
from risk_model.evaluation import drift as moving
from risk_model.evaluation.anytime_alarm import Alarm, AlarmRule, alarm, corridor_weights, stage_factors
from risk_model.evaluation.expected_performance import CAVEAT, performance_then_and_now
from risk_model.evaluation.fairness import trait_columns
from risk_model.evaluation.live_fairness import ALARM as CHANGED_SIDE
from risk_model.evaluation.live_fairness import sides
from risk_model.evaluation.scored_visits import scored_visits
from risk_model.placements.feature_table import feature_table
from risk_model.placements.scored_cohort import scored_cohort
from risk_model.prioritisation.units import corridor
from risk_model.result_files import write_json
from risk_model.scoring.release import DRIFT_FILE
from risk_model.scoring.scorer import CompiledModel
from risk_model.specification import Specification, read_specification
from risk_model.workflows.data_files import RELEASES

Progress = Callable[[int, int, str], None]

BASELINE: Final = pd.Timedelta(days=360)
"""How long before training visits tell how findings and scores relate: twelve rounds."""
RANDOM_ARM: Final = "random"
RISK: Final = "risk"
CORRIDOR: Final = "corridor"
SHOWN_STREAMS: Final = 8
STREAM_COLUMNS: Final = ("stream", "direction", "visits", "found", "allowed", "evidence", "needed", "alarm")
MOST_EVIDENCE: Final = 1e6
"""Stakes above this are shown as this: more says nothing more."""


def drift(
    data: Path, *, as_of: pd.Timestamp | None, reference: str | None, specification_file: Path, progress: Progress
) -> dict[str, Any]:
    """Compare the cohort, its scores and what visits found since training with what the version was trained on.

    The cohort of training is built again from `data` as of the day in the version's card, so nothing is stored
    for this. `as_of` is the day after the last record where none is given.
    """
    stored = registry.fetch(read_specification(specification_file).name, reference or registry.CHALLENGER)
    tables = read_data(data)
    now = as_of if as_of is not None else schema.day_after_last_record(tables)
    trained = pd.Timestamp(stored.card["as_of"])
    compared = compare(tables, stored.specification, stored.model, trained=trained, now=now, progress=progress)
    return {"model_version": f"{stored.specification.name}-{stored.version}", **compared}


def keep(found: Mapping[str, Any], made_at: datetime) -> Path:
    """Put what `drift` found beside the releases, in place of what was found before; return the file."""
    out = RELEASES / DRIFT_FILE
    write_json({"made_at": made_at.isoformat(), **found}, out)
    return out


def compare(
    tables: Tables,
    specification: Specification,
    model: CompiledModel,
    *,
    trained: pd.Timestamp,
    now: pd.Timestamp,
    progress: Progress,
) -> dict[str, Any]:
    """Return what moved between two dates as plain data: fields, corridors, expected performance, and the alarm."""
    cohorts = []
    for place, date in enumerate((trained, now)):
        progress(place, 2, f"cohort of {date:%Y-%m-%d}")
        cohort = feature_table(tables, specification, date)
        risk = scored_cohort(cohort, model, version="")["risk"].to_numpy(float)
        cohorts.append(cohort.assign(risk=risk, corridor=corridor(cohort)))
    then, later = cohorts
    fields = moving.field_drift(then, later, limits_of(specification))
    corridors = moving.corridor_drift(then, later)
    performance = performance_then_and_now(then[RISK], later[RISK], capacity_share=specification.capacity_share)
    scored = partial(scored_visits, tables, specification, model, progress=progress)
    since, before = scored(start=trained, until=now), scored(start=trained - BASELINE, until=trained)
    bets = _bets(before, since, then[CORRIDOR])
    groups = _groups(tables, specification, before, since, now)
    return {
        "trained_as_of": str(trained.date()),
        "as_of": str(now.date()),
        "data_origin": "simulated" if (tables.placements["data_origin"] == "simulated").any() else "real",
        "severity": _severity(fields, corridors, bets["all arms"], groups),
        "fields": _records(fields),
        "corridors": _records(corridors),
        "performance_without_outcomes": _records(performance),
        "performance_caveat": CAVEAT,
        **_shown(bets, now > trained),
        "groups_by_chance": _records(groups),
    }


def limits_of(specification: Specification) -> dict[str, moving.Limits]:
    """Return the limits of each input, of the corridor and of the risk.

    What a score must know to be given, and the risk itself, are critical; histories move by nature.
    """
    histories = {feature.name for feature in specification.features if feature.history is not None}
    named = {
        name: moving.CRITICAL
        if name in specification.support
        else moving.COUNTED
        if name in histories
        else moving.USUAL
        for name in specification.input_columns
    }
    return {CORRIDOR: moving.CRITICAL, RISK: moving.CRITICAL, **named}


def _bets(before: pd.DataFrame, since: pd.DataFrame, corridors: pd.Series) -> dict[str, Alarm]:
    """Return the alarm on all usable arms, and beside it that on the random arm alone."""
    rule, weights = AlarmRule(), corridor_weights(corridors)
    factors = stage_factors(before, rule)
    drawn = {"all arms": since, "random arm": since[since["arm"] == RANDOM_ARM]}
    return {label: alarm(visits, factors, weights, rule) for label, visits in drawn.items()}


def _groups(
    tables: Tables, specification: Specification, before: pd.DataFrame, since: pd.DataFrame, now: pd.Timestamp
) -> pd.DataFrame:
    """Return which audited group's gap in recall changed its side, on visits of the random arm alone (R15)."""
    people = schema.as_of_view(tables, now).placements.set_index("placement_id")
    periods = []
    for visits in (before, since):
        drawn = visits[visits["arm"] == RANDOM_ARM].reset_index(drop=True)
        theirs = people.reindex(drawn["placement_id"]).reset_index(drop=True)
        traits = trait_columns(theirs, specification.audit_groups, at=now)
        periods.append(pd.concat([drawn.assign(score=drawn["predicted"]), traits], axis=1))
    names = tuple(str(name) for name in traits)
    return sides(periods[0], periods[1], names, capacity_share=specification.capacity_share)


def _severity(fields: pd.DataFrame, corridors: pd.DataFrame, bet: Alarm, groups: pd.DataFrame) -> str:
    if bet.first_round is not None or (groups["status"] == CHANGED_SIDE).any():
        return moving.SEVERITIES[2]
    return moving.worst(pd.concat([fields["severity"], corridors["severity"]]))


def _shown(bets: Mapping[str, Alarm], after: bool) -> dict[str, Any]:
    rule, bet = AlarmRule(), bets["all arms"]
    lines = [
        {
            "visits": label,
            "made": int(one.streams.loc[one.streams["stream"] == "overall", "visits"].iloc[0]),
            "evidence": min(one.evidence, MOST_EVIDENCE),
            "needed": round(one.needed),
            "alarm": one.first_round is not None,
            "in_round": one.first_round,
        }
        for label, one in bets.items()
    ]
    return {
        "alarm_on_outcomes": lines,
        "alarm_streams": _streams(bet),
        "alarm_promise": f"at most {rule.false_alarms:.0%} false alarms over all streams and all time; up to "
        f"{rule.tolerance:.0%} higher or lower odds of a finding than predicted are no alarm"
        + ("" if after else "; no time has passed since training, so no visit could be tested"),
    }


def _streams(bet: Alarm) -> list[dict[str, Any]]:
    """Return the streams with most evidence among those that had a visit."""
    seen = bet.streams[bet.streams["visits"] > 0].head(SHOWN_STREAMS)
    stakes = {"evidence": seen["evidence"].clip(upper=MOST_EVIDENCE).round(1), "needed": seen["needed"].astype(int)}
    return _records(seen.assign(**stakes, allowed=seen["allowed"].round(1))[list(STREAM_COLUMNS)])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, null as None."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
