"""What does a policy know of risk at the date of a round?"""

from functools import reduce
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from risk_model.data.schema import Tables
from risk_model.data.simulator.register import WorldState
from risk_model.data.simulator.simulate import truth_at
from risk_model.errors import NotEnoughDataError
from risk_model.learning.candidates import TwoLineRule
from risk_model.learning.training import fit
from risk_model.placements.feature_table import feature_table
from risk_model.placements.labels import CONCLUSIVE
from risk_model.placements.published_rule import published_rule
from risk_model.placements.training_table import ROW_WEIGHT, WHOLE_COHORT, training_table
from risk_model.scoring.scorer import CompiledModel, score_columns
from risk_model.specification import Specification

CEILING_C: Final = 0.1
CEILING_QUANTILES: Final = 50
RARE: Final = 5
"""A value that fewer training rows have is one of the rare ones."""


def learn(tables: Tables, specification: Specification, as_of: pd.Timestamp, *, random_state: int) -> CompiledModel:
    """Return the model learnt from what was recorded before `as_of`; the published rule where that is too little.

    Which candidate is best is chosen outside the loop, once; here the first that the outcomes allow is fitted.
    """
    try:
        table = training_table(tables, specification, as_of, random_state=random_state)
        return fit(table, specification, random_state=random_state)
    except NotEnoughDataError:
        return published_rule(horizon_days=specification.horizon_days)


def scored(tables: Tables, specification: Specification, as_of: pd.Timestamp, model: CompiledModel) -> pd.DataFrame:
    """Return what a list needs of the scores of everybody in the cohort of `as_of`: all but the reasons."""
    cohort = feature_table(tables, specification, as_of)
    scores = score_columns(model, cohort)
    return cohort[["placement_id", "stage"]].assign(
        risk=scores.risk,
        low=scores.low,
        high=scores.high,
        band=pd.array(scores.band, dtype="str"),
        supported=scores.supported,
        model_version=f"replay-{as_of:%Y%m%d}",
    )


def learn_rule(
    inspections: pd.DataFrame, placements: pd.DataFrame, specification: Specification
) -> tuple[TwoLineRule, list[pd.Index]] | None:
    """Return the two-line rule learnt from `inspections` that reached somebody; None while they say nothing.

    Beside it stand, for each line, the values whose places are its codes.
    """
    seen = inspections[inspections["outcome"].isin(list(CONCLUSIVE)) & inspections["placement_id"].notna()]
    lines = rule_lines(placements.set_index("placement_id"), specification)
    known = seen["placement_id"].isin(lines.index)
    found = seen.loc[known, "outcome"].map(CONCLUSIVE).to_numpy(dtype=np.float64)
    if not len(found) or not 0 < found.mean() < 1:
        return None
    of_visits = lines.loc[seen.loc[known, "placement_id"]]
    values = [pd.Index(of_visits[name].unique()) for name in lines]
    codes = np.column_stack([value.get_indexer(of_visits[name]) for name, value in zip(lines, values, strict=True)])
    return TwoLineRule(specification.rule.shrinkage).fit(codes, found), values


def rule_lines(placements: pd.DataFrame, specification: Specification) -> pd.DataFrame:
    """Return the two columns of the rule, each the joined text of the columns its line names."""
    named = {"first": specification.rule.first, "second": specification.rule.second}
    texts = {line: [placements[name].astype("str").fillna("") for name in columns] for line, columns in named.items()}
    return pd.DataFrame({line: reduce(lambda left, right: left + "|" + right, parts) for line, parts in texts.items()})


def learn_ceiling(
    world: WorldState, tables: Tables, specification: Specification, as_of: pd.Timestamp, *, random_state: int
) -> Pipeline:
    """Return a ridge logistic with agency effects, trained on the true harm of every row a learner could train on.

    Nobody could have it outside a simulation: it says how much of the true risk the columns tell at all.
    """
    table = training_table(tables, specification, as_of, random_state=random_state)
    rows = table[table[WHOLE_COHORT]]
    harm = []
    for date, part in rows.groupby(specification.time, sort=True):  # the table stands in order of its dates
        true = truth_at(world, pd.Timestamp(str(date)), horizon=specification.horizon_days)
        harmed = true.loc[true["harm"], "placement_id"]
        harm.append(part[specification.identifier].isin(harmed).to_numpy())
    inputs = plain(rows[list(specification.input_columns)])
    model = make_pipeline(_columns(inputs), LogisticRegression(C=CEILING_C, max_iter=300))
    return model.fit(inputs, np.concatenate(harm), logisticregression__sample_weight=rows[ROW_WEIGHT].to_numpy())


def plain(inputs: pd.DataFrame) -> pd.DataFrame:
    """Return `inputs` with numbers as floats and everything else as text, nulls as NaN and 'none'."""
    return pd.DataFrame({name: _plain(inputs[name]) for name in inputs})


def _plain(column: pd.Series) -> Any:
    if _is_number(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.astype(object).where(column.notna(), "none").astype(str).to_numpy(dtype=object)


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _columns(inputs: pd.DataFrame) -> Any:
    numbers = [name for name in inputs if _is_number(inputs[name])]
    filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    ranks = make_pipeline(filled, QuantileTransformer(n_quantiles=CEILING_QUANTILES, random_state=0))
    texts = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=RARE)
    return make_column_transformer((ranks, numbers), (texts, [name for name in inputs if name not in numbers]))
