"""Could a barred trait be read off the inputs, or off the score, of a model that never saw it?

An AUC of 0.5 says no better than by chance. Above 0.7 a warning is due: the model may treat groups apart
without knowing them, and the fairness table must be read with that in mind.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import OrdinalEncoder

WARN_ABOVE: Final = 0.70
"""Safeguard R01."""
SMALLEST_GROUP: Final = 50
"""Rows a group needs to be told apart from the others; smaller ones are left out."""
MOST_ROWS: Final = 6_000
FOLDS: Final = 3
MOST_CATEGORIES: Final = 200
"""Rarer values of a column than its 200 most frequent count as one."""


def proxy_probe(
    inputs: pd.DataFrame, score: pd.Series, traits: pd.DataFrame, *, random_state: int
) -> list[dict[str, Any]]:
    """Return one record per trait: how well inputs and score foretell it (mean one-against-rest AUC over groups).

    Args:
        inputs: what the model reads, one row per placement.
        score: its score; null where it gives none.
        traits: one text column per barred trait, indexed like `inputs`.
        random_state: seed of sample, folds and trees.

    Returns:
        trait, groups, rows, auc_from_inputs, auc_from_score (both None with fewer than two groups of 50 rows) and
        warning (bool).
    """
    codes = _codes(inputs)
    return [_probe(codes, score, traits[trait], random_state) for trait in traits]


def _probe(codes: pd.DataFrame, score: pd.Series, trait: pd.Series, random_state: int) -> dict[str, Any]:
    sizes = trait.value_counts()
    rows = trait.index[trait.isin(sizes.index[sizes >= SMALLEST_GROUP])]
    if len(rows) > MOST_ROWS:
        rows = rows[np.sort(np.random.default_rng(random_state).choice(len(rows), MOST_ROWS, replace=False))]
    sizes = trait.loc[rows].value_counts()
    rows = rows[trait.loc[rows].isin(sizes.index[sizes >= FOLDS * 2]).to_numpy()]
    groups = sorted(trait.loc[rows].unique())
    record: dict[str, Any] = {"trait": trait.name, "groups": len(groups), "rows": len(rows)}
    if len(groups) < 2:
        return record | {"auc_from_inputs": None, "auc_from_score": None, "warning": False}
    known = trait.loc[rows].to_numpy(str)
    trees = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=8, random_state=random_state)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=random_state)
    foretold = cross_val_predict(trees, codes.loc[rows], known, cv=folds, method="predict_proba")
    from_inputs = _mean_auc(known, groups, [foretold[:, position] for position in range(len(groups))])
    number = score.loc[rows].astype("float64")
    told = np.nan_to_num(number.to_numpy(), nan=float(np.nan_to_num(number.median())))
    from_score = _mean_auc(known, groups, [told] * len(groups), either_way=True)
    warning = max(from_inputs, from_score) > WARN_ABOVE
    return record | {"auc_from_inputs": from_inputs, "auc_from_score": from_score, "warning": bool(warning)}


def _mean_auc(known: Any, groups: Sequence[str], scores: Sequence[Any], *, either_way: bool = False) -> float:
    found = [float(roc_auc_score(known == group, values)) for group, values in zip(groups, scores, strict=True)]
    weights = [float((known == group).sum()) for group in groups]
    return float(np.average([max(auc, 1 - auc) if either_way else auc for auc in found], weights=weights))


def _codes(inputs: pd.DataFrame) -> pd.DataFrame:
    """Numbers as they are; everything else as a whole number per value, the most frequent first to survive."""
    columns = {}
    for name, column in inputs.items():
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[str(name)] = column.astype("float64").to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            text = column.astype("str").fillna("")
            kept = text.where(text.isin(text.value_counts().index[:MOST_CATEGORIES]), "other")
            columns[str(name)] = OrdinalEncoder().fit_transform(kept.to_frame()).ravel()
    return pd.DataFrame(columns, index=inputs.index)
