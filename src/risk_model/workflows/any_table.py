"""Which rows does a table of another kind hold, and what does a model say of each?

Training, the gate, evaluation and scoring read the table through here, so a row is the same row in all four.
"""

from pathlib import Path

import pandas as pd

from risk_model.errors import SpecificationError, repair_hint
from risk_model.learning.selective_labels import dates_of
from risk_model.learning.table_columns import as_columns, as_numbers
from risk_model.placements.scored_cohort import with_scores
from risk_model.scoring.columns import ReadColumns
from risk_model.scoring.scorer import CompiledModel, Scores, score_columns
from risk_model.specification import Specification
from risk_model.workflows.data_files import read_any_table


def read_dated_table(file: Path, specification: Specification) -> pd.DataFrame:
    """Read the table with its time as instants (UTC) and rows that can be told apart.

    Where rows share identifier and time (the lines of one declaration, say), the second becomes `ID (2)` and so on.

    Raises:
        UnreadableFileError: the file is missing, of another kind, or not readable.
        SpecificationError: identifier or time is no column, or a row has no date.
    """
    read = read_any_table(file)
    identifier, time = specification.identifier, specification.time
    if identifier not in read:
        raise SpecificationError(
            f"{file}: no identifier column {identifier!r}; {repair_hint(identifier, map(str, read.columns))}"
        )
    dated = read.reset_index(drop=True).assign(**{time: dates_of(read.reset_index(drop=True), specification)})
    place = dated.groupby([identifier, time], dropna=False).cumcount()
    if not place.any():
        return dated
    named = dated[identifier].astype("str").where(dated[identifier].notna(), "")
    return dated.assign(**{identifier: named.where(place == 0, named + " (" + (place + 1).astype("str") + ")")})


def scores_of(table: pd.DataFrame, model: CompiledModel, specification: Specification) -> Scores:
    """Return what `model` says of every row.

    Raises:
        SpecificationError: a column is missing, or holds text where numbers are read.
    """
    columns = as_columns(table, specification.input_columns)
    read = ReadColumns(columns)
    for term in model.terms:
        if term.coding.edges is not None:
            as_numbers(read, term.coding.columns[0], term.name)
    return score_columns(model, columns)


def scored_table(
    table: pd.DataFrame, model: CompiledModel, specification: Specification, *, version: str
) -> pd.DataFrame:
    """Return one row per row of `table`: identifier, time, risk, low, high, band, supported, reasons, model_version.

    `risk`, `low` and `high` are null where `supported` is false. `reasons` is a JSON list of the strongest terms:
    feature, direction (raises or lowers) and contribution in log-odds.
    """
    scores = scores_of(table, model, specification)
    return with_scores(table[[specification.identifier, specification.time]], scores, model, version=version)
