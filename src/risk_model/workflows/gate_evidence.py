"""What do the data at hand say about a version that asks to be served?

Everything the gate needs is made anew from the data: outcomes of the tested rows, and their inputs from nothing but
what was recorded before each row's date.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.data.schema import Tables
from risk_model.errors import SpecificationError
from risk_model.evaluation.champion_scores import Keys, with_champion
from risk_model.evaluation.fairness import trait_columns
from risk_model.evaluation.gate import Evidence
from risk_model.learning.comparison import ALONE
from risk_model.learning.table_columns import as_columns
from risk_model.placements.feature_table import feature_table
from risk_model.placements.labels import known_outcomes, labels
from risk_model.placements.published_rule import published_rule
from risk_model.placements.training_table import grid
from risk_model.registry import StoredVersion
from risk_model.scoring.scorer import CompiledModel, Scores, score_columns
from risk_model.specification import Specification
from risk_model.workflows.any_table import read_dated_table
from risk_model.workflows.input_changes import differing
from risk_model.workflows.table_evidence import from_table

Floats = NDArray[np.float64]

KEPT: Final = ("split", "outcome", "weight", "chosen", "rule")
TIMED_ROWS, TIMED_RUNS = 2_000, 5


def gather(stored: StoredVersion, data: Path, champion: StoredVersion | None, *, without_champion: str) -> Evidence:
    """Return the evidence about `stored` from the data it was trained on: a data set's folder, or one table.

    Args:
        stored: the version that asks.
        data: the folder of a data set, or the file of a table.
        champion: the version served now; None where there is none.
        without_champion: why there is none.

    Raises:
        RiskModelError: the data cannot be read, or lack what the version's specification names.
    """
    specification = stored.specification
    source = read_dated_table(data, specification) if data.is_file() else read_data(data)
    keys = [specification.identifier, specification.time]
    tested = stored.scored[[*keys, *KEPT]].assign(**{keys[1]: pd.to_datetime(stored.scored[keys[1]])})
    inputs = tested[keys].merge(stored.inputs, on=keys, how="left")
    scores = _scores(stored.model, inputs, specification)
    tested = tested.assign(served=np.minimum(1.0, scores.risk * stored.model.detection))
    if isinstance(source, Tables):
        evidence = _from_tables(source, tested, inputs, stored)
    else:
        evidence = from_table(source, tested, stored)
    evidence = replace(
        evidence,
        terms=_terms(stored, scores),
        reads=tuple(dict.fromkeys(column for term in stored.model.terms for column in term.coding.columns_read)),
        slowness=slowness(stored.model, as_columns(inputs, specification.input_columns), specification),
        without_champion=without_champion,
        signature=stored.signature,
        null_row=fault_of_nulls(stored.model, specification),
    )
    return evidence if champion is None else _compared(evidence, stored, champion, source)


def fault_of_nulls(model: CompiledModel, specification: Specification) -> str:
    """Return what goes wrong in scoring a row that has nothing recorded; empty where it is answered (R30)."""
    nothing: dict[str, Any] = {name: np.array([None], dtype=object) for name in specification.input_columns}
    try:
        scores = score_columns(model, nothing)
    except (TypeError, ValueError, KeyError, IndexError) as error:
        return f"{type(error).__name__}: {error}"
    known = bool(scores.supported[0])
    return "no number, though supported" if known and not np.isfinite(scores.risk[0]) else ""


def slowness(model: CompiledModel, columns: Mapping[str, Any], specification: Specification) -> float:
    """Return the processor time `model` takes per row, as a multiple of the published rule's on the same rows.

    A ratio of the quickest of five runs each, in turns. A table of another kind has no published rule; there the
    rule stands on the columns of support.
    """
    rule = published_rule()
    firsts = {name: values[:TIMED_ROWS] for name, values in columns.items()}
    rows = len(next(iter(firsts.values())))
    for name in ("destination", "sector"):
        firsts.setdefault(name, firsts.get(specification.support[0], np.full(rows, "")))
    timed = [(_seconds(model, firsts), _seconds(rule, firsts)) for _ in range(TIMED_RUNS)]
    mine, reference = (min(times) for times in zip(*timed, strict=True))
    return float(mine / reference)


def _seconds(model: CompiledModel, columns: Mapping[str, Any]) -> float:
    started = process_time()  # not the clock on the wall: what else the machine does is no fault of the model
    score_columns(model, columns)
    return process_time() - started


def _scores(model: CompiledModel, inputs: pd.DataFrame, specification: Specification) -> Scores:
    return score_columns(model, as_columns(inputs, specification.input_columns))


def _terms(stored: StoredVersion, scores: Scores) -> dict[str, Floats]:
    """What each term says of the tested rows: learnt before its test; of an older version, as it would be served."""
    columns = {}
    for term, served in zip(stored.model.terms, scores.contributions.T, strict=True):
        alone = f"{ALONE}{term.name}"
        columns[term.name] = stored.scored[alone].to_numpy(float) if alone in stored.scored else served
    return columns


def _from_tables(tables: Tables, tested: pd.DataFrame, inputs: pd.DataFrame, stored: StoredVersion) -> Evidence:
    specification, as_of = stored.specification, pd.Timestamp(str(stored.card["as_of"]))
    identifier, time = specification.identifier, specification.time
    people = _newest(tables, as_of)
    traits = trait_columns(
        people.loc[tested[identifier]].reset_index(drop=True), specification.audit_groups, at=tested[time]
    )
    support = inputs[[*specification.support]].astype("str").where(inputs[[*specification.support]].notna())
    visits = visits_of(tables, tested, specification, as_of)
    known, drawn = visits["found"].astype(float), visits["inclusion_probability"].notna()
    members = feature_table(tables, specification, as_of)
    register = pd.concat(
        [
            members[[identifier]].assign(risk=_scores(stored.model, members, specification).risk),
            trait_columns(people.loc[members[identifier]].reset_index(drop=True), specification.audit_groups, at=as_of),
            members[[*specification.support]].astype("str").where(members[[*specification.support]].notna()),
        ],
        axis=1,
    )
    return Evidence(
        tested=pd.concat([tested.assign(known=known, drawn=drawn), traits, support], axis=1),
        register=register,
        groups=(*traits.columns, *specification.support),
        audited=tuple(traits.columns),
        terms={},
        reads=(),
        changed=_changed(tables, inputs, specification),
        newest={name: getattr(tables, name)["recorded_at"].max() for name in ("placements", "events", "inspections")},
        slowness=float("nan"),
        without_champion="",
        earlier_groups={},
    )


def _newest(tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """The placements as known at `as_of`, audited traits included, by their identifier."""
    return schema.as_of_view(tables, as_of).placements.set_index("placement_id")


def visits_of(tables: Tables, tested: pd.DataFrame, specification: Specification, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return what visits found of each tested row in its own window, indexed from 0 in its order.

    Columns: found (1, 0, NaN where nobody looked), inclusion_probability (NaN where unknown) and arm of the visit.
    """
    outcomes = known_outcomes(tables, specification, known_before=as_of)
    windows = {date.as_of: date.visit_days for date in grid(specification, as_of)}
    made = []
    for when, rows in tested.reset_index(drop=True).groupby(specification.time):
        date = pd.Timestamp(str(when))
        if date not in windows:
            continue
        ids = rows[specification.identifier].drop_duplicates()
        known = labels(
            outcomes, ids, as_of=date, horizon_days=specification.horizon_days, visit_days=windows[date]
        ).set_axis(ids.to_numpy(), axis=0)
        made.append(known.loc[rows[specification.identifier]].set_axis(rows.index, axis=0))
    names = ["found", "inclusion_probability", "arm"]
    return pd.concat(made)[names].reindex(range(len(tested))) if made else pd.DataFrame(columns=names)


def _changed(tables: Tables, inputs: pd.DataFrame, specification: Specification) -> dict[str, float]:
    rebuilt = rows_before(tables, inputs[[specification.identifier, specification.time]], specification)
    return differing(rebuilt, inputs, specification)


def rows_before(tables: Tables, keys: pd.DataFrame, specification: Specification) -> pd.DataFrame:
    """Return the inputs of rows, each from tables that hold nothing recorded on or after its own date.

    Args:
        tables: the data set.
        keys: identifier and time of the rows; both stand in the result, in the same order.
        specification: which inputs.

    Raises:
        SpecificationError: the specification names a column no placement has.
    """
    identifier, time = specification.identifier, specification.time
    parts = []
    for when, rows in keys.drop_duplicates().groupby(time):
        date = pd.Timestamp(str(when))
        cut = Tables(*(f[f["recorded_at"] < date] for f in (tables.placements, tables.events, tables.inspections)))
        made = feature_table(cut, specification, date)
        parts.append(made[made[identifier].isin(rows[identifier])])
    return keys.merge(pd.concat(parts, ignore_index=True), on=[identifier, time], how="left")


def _compared(
    evidence: Evidence, stored: StoredVersion, champion: StoredVersion, source: Tables | pd.DataFrame
) -> Evidence:
    """Add what the champion says of the same rows and of the same register."""
    specification, theirs = stored.specification, champion.specification
    keys = Keys(
        specification.identifier,
        specification.time,
        specification.cohort.step_days if specification.cohort is not None else 0,
    )
    named = [keys.identifier, keys.time]
    try:
        if isinstance(source, Tables) and theirs.features != specification.features:
            rows = rows_before(source, evidence.tested[named], theirs)
        else:
            rows = evidence.tested[named].merge(stored.inputs, on=named, how="left")
        served = _scores(champion.model, rows, theirs).risk
        register = _register_scores(evidence.register, champion, source, pd.Timestamp(str(stored.card["as_of"])))
        tested = with_champion(evidence.tested, keys, earlier=champion.scored, served=served)
    except (SpecificationError, KeyError) as error:
        gone = f"version {champion.version} no longer fits the data ({error}); compared with the rule alone"
        return replace(evidence, without_champion=gone)
    earlier = champion.verdict.get("facts", {}).get("groups", {})
    return replace(evidence, tested=tested, register=register, earlier_groups=earlier)


def _register_scores(
    register: pd.DataFrame, champion: StoredVersion, source: Tables | pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    theirs = champion.specification
    members = feature_table(source, theirs, as_of) if isinstance(source, Tables) else source
    risk = _scores(champion.model, members, theirs).risk
    if not isinstance(source, Tables):
        return register.assign(champion=risk)
    named = pd.Series(risk, index=members[theirs.identifier].to_numpy())
    return register.assign(champion=named.reindex(register[theirs.identifier]).to_numpy())
