"""What had happened around each placement, agency, partner, employer and corridor before a date?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables
from risk_model.placements.fact_rows import happened_between, matching, owners
from risk_model.placements.facts import check_facts
from risk_model.placements.look_up import HistoryTable, Snapshot, Tally, look_up
from risk_model.scoring.columns import keys_of
from risk_model.specification import Specification
from risk_model.specified_features import History, Rows

__all__ = ["HistoryTable", "Snapshot", "look_up", "snapshot"]

NOTHING = Tally({}, {})


def snapshot(view: Tables, specification: Specification, as_of: pd.Timestamp) -> Snapshot:
    """Count every history of the specification from the as-of view of `as_of`.

    A fact counts where its own date lies in the window before `as_of`. It belongs to the entity it
    names itself, else to that of its placement as now known.

    Raises:
        SpecificationError: a history names a table or column that is not there, or is barred.
    """
    check_facts(specification)
    placements = view.placements.set_index("placement_id", drop=False)
    tables = {"placements": placements, "events": view.events, "inspections": view.inspections}
    return Snapshot(
        np.datetime64(as_of, "us"),
        {f.name: _counted(f.history, tables, as_of) for f in specification.features if f.history is not None},
    )


def _counted(history: History, tables: dict[str, pd.DataFrame], as_of: pd.Timestamp) -> HistoryTable:
    parent = history.parent or ()
    numerator = _facts(history, history.numerator, tables, as_of)
    if history.denominator is None:
        counts = Tally(_tally(numerator, history.entity), {})
        return HistoryTable(history.entity, (), None, counts, NOTHING, (0, 0))
    denominator = _facts(history, history.denominator, tables, as_of)
    by_entity, by_parent = (
        Tally(_tally(numerator, names), _tally(denominator, names)) if names else NOTHING
        for names in (history.entity, parent)
    )
    overall = (_known(numerator, history.entity, parent), _known(denominator, history.entity, parent))
    return HistoryTable(history.entity, parent, history.shrinkage, by_entity, by_parent, overall)


def _facts(history: History, rows: Rows, tables: dict[str, pd.DataFrame], as_of: pd.Timestamp) -> pd.DataFrame:
    """The entity and parent columns of every fact that counts."""
    placements, facts = tables["placements"], tables[rows.table]
    start = as_of - pd.Timedelta(days=history.window_days)
    counts = happened_between(rows.table, facts, start, as_of) & matching(facts, rows.where)
    names = tuple(dict.fromkeys((*history.entity, *(history.parent or ()))))
    if rows.table == "placements":
        return facts.loc[counts, list(names)]
    held = [name for name in dict.fromkeys(("placement_id", *names)) if name in facts]
    return owners(facts.loc[counts, held], names, placements)


def _tally(facts: pd.DataFrame, names: Sequence[str]) -> dict[str, int]:
    sizes = facts.groupby(list(names), sort=False).size()
    index = sizes.index.to_frame()
    return dict(zip(keys_of({name: index[name].tolist() for name in names}, names), sizes.tolist(), strict=True))


def _known(facts: pd.DataFrame, entity: Sequence[str], parent: Sequence[str]) -> int:
    known = facts[list(entity)].notna().all(axis=1)
    return int((known | facts[list(parent)].notna().all(axis=1)).sum() if parent else known.sum())
