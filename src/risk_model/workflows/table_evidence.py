"""What does a table of another kind say about a version that was trained on it?"""

from typing import Final

import pandas as pd

from risk_model.evaluation.gate import Evidence
from risk_model.registry import StoredVersion
from risk_model.specification import Specification
from risk_model.workflows.any_table import scores_of
from risk_model.workflows.input_changes import differing

OURS: Final = frozenset(
    ("split", "outcome", "weight", "chosen", "rule", "served", "known", "drawn", "risk", "champion", "cell")
)
"""What the gate calls its own columns; a table's column of the same name is shown with a mark."""


def from_table(dated: pd.DataFrame, tested: pd.DataFrame, stored: StoredVersion) -> Evidence:
    """Return what the table says of the tested rows and of all rows, terms, time and champion aside.

    Args:
        dated: the table as `read_dated_table` reads it.
        tested: identifier, time and scores of the tested rows.
        stored: the version.
    """
    specification = stored.specification
    keys, outcome = [specification.identifier, specification.time], specification.outcome
    rows = tested[keys].merge(dated, on=keys, how="left")
    groups, register = (_groups(frame, specification) for frame in (rows, dated))
    drawn = rows[outcome.probability].notna() if outcome.probability in rows else pd.Series(True, index=rows.index)
    return Evidence(
        tested=pd.concat([tested.assign(known=rows[outcome.column].astype(float), drawn=drawn), groups], axis=1),
        register=register.assign(risk=scores_of(dated, stored.model, specification).risk),
        groups=tuple(groups.columns),
        audited=tuple(_shown(name) for name in specification.audit_groups if name in rows),
        terms={},
        reads=(),
        changed=differing(rows, tested[keys].merge(stored.inputs, on=keys, how="left"), specification),
        newest={"rows": dated[keys[1]].max()},
        slowness=float("nan"),
        without_champion="",
        earlier_groups={},
    )


def _groups(rows: pd.DataFrame, specification: Specification) -> pd.DataFrame:
    """The audited and the support columns as text, null where not recorded; a list of columns that are there."""
    names = dict.fromkeys((*specification.audit_groups, *specification.support))
    return pd.DataFrame(
        {_shown(name): rows[name].astype("str").where(rows[name].notna()) for name in names if name in rows},
        index=range(len(rows)),
    )


def _shown(name: str) -> str:
    return f"{name} (column)" if name in OURS else name
