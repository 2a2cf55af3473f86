"""Which rows does the joint likelihood learn from, and as which codes?"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.errors import SpecificationError
from risk_model.learning.candidates import Candidate
from risk_model.learning.encoding import Encoder
from risk_model.learning.joint_likelihood import JointLikelihood
from risk_model.learning.joint_parts import Looks, Parts, Reports
from risk_model.scoring.coding import Coding
from risk_model.specification import Look, Specification

Floats = NDArray[np.float64]

LAG_DAYS: Final = 30
"""Lags of a look are told apart by the month: onset of harm is a matter of weeks."""
MOST_SILENT: Final = 30_000
"""Rows without a report that are learnt from, weighted up to all of them: more add nothing to so few reports."""
START_VARIANCE: Final = 0.3
ALIKE: Final = 0.7
"""Correlation of what is found at two looks at one thing, beyond what its columns tell: harm lasts. Simulated visits of
seeds 11-13 have 0.64 to 0.74."""
DIRECTIONS: Final = {"increasing": 1, "decreasing": -1, None: 0}


def fit_joint(
    table: pd.DataFrame, specification: Specification, candidate: Candidate, *, random_state: int
) -> tuple[Encoder, JointLikelihood]:
    """Fit the joint likelihood on every look and on whole cohorts of reports.

    Args:
        table: dated rows with the columns the specification names.
        specification: what is learnt; it has `outcome.look` and `outcome.reported`.
        candidate: the member of the grid; its setting `start_variance` is where shrinkage starts from.
        random_state: seed of which rows without a report stand for all of them.

    Returns:
        What the codes are, and the fitted model on them.
    """
    look = _look(specification)
    seen = table[table[look.column].notna()]
    asked, counts = _asked(table, specification, random_state)
    features = [
        feature.model_copy(update={"kind": "effect"}) if feature.kind == "rate" else feature
        for feature in specification.features
    ]
    encoder = Encoder(features, random_state)
    reported = asked[str(specification.outcome.reported)].to_numpy(dtype=np.float64)
    both = pd.concat([seen, asked], ignore_index=True)
    told = np.concatenate([seen[look.weight].to_numpy(dtype=np.float64), reported])
    encoder.fit(both, np.concatenate([seen[look.column].to_numpy(dtype=np.float64), reported]), told)
    looks = Looks(
        codes=encoder.transform(seen),
        found=seen[look.column].to_numpy(dtype=np.float64),
        weight=_look_weights(seen, specification),
        lag_bin=_lag_bins(seen[look.lag_days], specification),
        selection=seen[list(look.selection)].to_numpy(dtype=np.float64),
        thing=pd.factorize(seen[specification.identifier])[0].astype(np.int64),
    )
    model = JointLikelihood(
        encoder.codings_,
        _parts(specification, encoder.codings_),
        candidate.settings.get("start_variance", START_VARIANCE),
    )
    return encoder, model.fit(looks, Reports(encoder.transform(asked), reported, counts))


def reported_rows(table: pd.DataFrame, specification: Specification, random_state: int) -> pd.DataFrame:
    """Return the rows of whole cohorts that reports are learnt from."""
    return _asked(table, specification, random_state)[0]


def _look(specification: Specification) -> Look:
    if specification.outcome.look is None:
        raise SpecificationError(f"specification {specification.name}: candidates.joint needs outcome.look")
    return specification.outcome.look


def _parts(specification: Specification, codings: list[Coding]) -> Parts:
    names = [feature.name for feature in specification.features]
    look = _look(specification)
    return Parts(
        detection=specification.outcome.detection,
        moment=names.index(look.moment),
        lag_bins=_n_lags(specification),
        reporting=tuple(names.index(name) for name in specification.outcome.reporting),
        selection=tuple((offset.mean, offset.sd) for offset in look.selection.values()),
        directions=tuple(
            DIRECTIONS[feature.monotone] if coding.edges is not None else 0
            for feature, coding in zip(specification.features, codings, strict=True)
        ),
    )


def _n_lags(specification: Specification) -> int:
    return max(1, -(-specification.horizon_days // LAG_DAYS))


def _lag_bins(lag_days: pd.Series, specification: Specification) -> NDArray[np.int64]:
    bins = (lag_days.to_numpy(dtype=np.float64) // LAG_DAYS).astype(np.int64)
    return np.clip(bins, 0, _n_lags(specification) - 1)


def _look_weights(seen: pd.DataFrame, specification: Specification) -> Floats:
    """Return what each look counts: several at one thing count together little more than one (Kish 1965)."""
    weight = seen[_look(specification).weight]
    together = weight.groupby(seen[specification.identifier]).transform("sum").clip(lower=1.0)
    return (weight / (1 + (together - 1) * ALIKE)).to_numpy(dtype=np.float64)


def _asked(table: pd.DataFrame, specification: Specification, random_state: int) -> tuple[pd.DataFrame, Floats]:
    """Return the rows of whole cohorts, all that reported and a sample of the others, and what each stands for."""
    outcome = specification.outcome
    rows = table[table[str(outcome.reported)].notna()]
    if outcome.reported_where is not None:
        rows = rows[rows[outcome.reported_where].to_numpy(dtype=np.bool_)]
    weight = outcome.reported_weight
    counts = np.ones(len(rows)) if weight is None else rows[weight].to_numpy(dtype=np.float64, copy=True)
    silent = np.flatnonzero(rows[str(outcome.reported)].to_numpy(dtype=np.float64) == 0)
    if len(silent) > MOST_SILENT:
        drawn = np.random.default_rng(random_state).choice(silent, MOST_SILENT, replace=False)
        scale = counts[silent].sum() / counts[drawn].sum()
        counts[drawn] *= scale
        kept = np.sort(np.concatenate([np.setdiff1d(np.arange(len(rows)), silent), drawn]))
        return rows.iloc[kept], counts[kept]
    return rows, counts
