"""What did a model know about every placement of a date?"""

import pandas as pd

from risk_model.data.schema import Tables, as_of_view
from risk_model.data.table_columns import columns
from risk_model.errors import SpecificationError, repair_hint
from risk_model.placements.cohort import cohort
from risk_model.placements.features import DERIVED, READS, features
from risk_model.placements.histories import Snapshot, snapshot
from risk_model.specification import ALWAYS_BARRED, Specification

KEPT = ("placement_id", "registered_on", "departed_on", "returned_on", "recorded_at")
"""What the cohort and the windows of the histories read, beside what the specification names."""


def feature_table(tables: Tables, specification: Specification, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return one row per placement in the cohort of `as_of`, in order of its identifier.

    Columns: identifier, time, then every input column of the specification. Personal columns are
    never among them.

    Raises:
        SpecificationError: the specification names a column no placement has.
    """
    view = as_of_view(without_personal_columns(tables, specification), as_of)
    members = cohort(view, as_of, horizon_days=specification.horizon_days)
    return rows_of(members, snapshot(view, specification, as_of), specification)


def rows_of(members: pd.DataFrame, snapshot: Snapshot, specification: Specification) -> pd.DataFrame:
    """Return the feature rows of `members`, a cohort or part of one, as of the date of the snapshot."""
    read = {*READS, *(name for key in snapshot.key_columns for name in key)}
    made = features({name: members[name].to_numpy() for name in read}, snapshot, snapshot.as_of)
    computed = {name: made[name] for name in (*DERIVED, *snapshot.values)}
    inputs = {name: computed[name] if name in computed else members[name] for name in specification.input_columns}
    when = pd.Series(snapshot.as_of, index=members.index, dtype="datetime64[us]")
    table = pd.DataFrame({specification.identifier: members["placement_id"], specification.time: when, **inputs})
    return table.astype({name: "str" for name in DERIVED if name in table and table[name].dtype == object})


def without_personal_columns(tables: Tables, specification: Specification) -> Tables:
    """Return the tables with no more of a placement than features and cohort read; nothing barred is left.

    Raises:
        SpecificationError: the specification names a column no placement has.
    """
    histories = [feature.history for feature in specification.features if feature.history]
    computed = {*DERIVED, *(feature.name for feature in specification.features if feature.history)}
    wanted = {*KEPT, *READS, *(name for name in specification.input_columns if name not in computed)}
    for history in histories:
        wanted |= {*history.entity, *(history.parent or ())}
        wanted |= {name for part in (history.numerator, history.denominator) if part for name in part.where}
    allowed = set(columns("placements")) - ALWAYS_BARRED - set(specification.barred)
    for name in specification.input_columns:
        if name not in allowed | computed:
            raise SpecificationError(
                f"{name!r} is neither a column of placements, nor derived, nor a history; "
                f"{repair_hint(name, allowed | computed)}"
            )
    kept = [name for name in tables.placements.columns if name in wanted & allowed]
    return Tables(tables.placements[kept], tables.events, tables.inspections)
