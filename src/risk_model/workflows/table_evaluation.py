"""How good is a version of another table, for whom, and how is that known?

Judged on the rows of its tests, which it had not seen; a table of another kind has no truth.
"""

from pathlib import Path
from typing import Any

import pandas as pd

from risk_model import registry
from risk_model.errors import NotEnoughDataError
from risk_model.evaluation import fairness, report
from risk_model.evaluation.proxies import proxy_probe
from risk_model.specification import Specification, read_specification
from risk_model.workflows.any_table import read_dated_table, scores_of

MODEL = "model"


def evaluate_table(
    file: Path, *, reference: str | None, specification_file: Path, random_state: int, truth: bool | None
) -> dict[str, Any]:
    """Return the evaluation of a version of the table in `file`, with the fields of a data set's.

    Args:
        file: the table.
        reference: version number, `challenger` or `champion`; none: the newest trained.
        specification_file: of the model.
        random_state: seed of samples and folds.
        truth: must not be True.

    Raises:
        NotEnoughDataError: truth is asked for, there is no version, or no tested row is in the table.
    """
    if truth:
        raise NotEnoughDataError(f"{file}: a table has no truth to judge on; leave out --truth")
    specification = read_specification(specification_file)
    stored = registry.fetch(specification.name, reference or registry.CHALLENGER)
    table = read_dated_table(file, specification)
    keys = [specification.identifier, specification.time]
    tested = stored.scored.assign(**{keys[1]: pd.to_datetime(stored.scored[keys[1]])})
    if not len(tested[keys].merge(table[keys], on=keys)):
        raise NotEnoughDataError(
            f"{file} holds none of the rows version {stored.version} was tested on; give its table"
        )
    audited = [*dict.fromkeys(name for name in specification.audit_groups if name in table)]
    traits = tested[keys].merge(table[[*keys, *audited]], on=keys, how="left")[audited]
    rows = tested.assign(**fairness.trait_columns(traits, audited, at=tested[keys[1]]), score=tested["chosen"])
    groups = fairness.group_figures(rows, audited, capacity_share=specification.capacity_share, probability="chosen")
    return {
        "model_version": f"{specification.name}-{stored.version}",
        "as_of": str(stored.card["as_of"]),
        "data_origin": str(stored.card["data_origin"]),
        "design": _design(specification, str(stored.card["data_origin"])),
        "constraints": f"{', '.join(f'{share:.0%}' for share in report.CAPACITY_SHARES)} of those looked at, within "
        "each test, taken by score alone",
        "cohort": len(table),
        **_compared(rows),
        "calibration": None,
        "groups": groups,
        "groups_random_arm": [],
        "gaps": fairness.gaps(groups),
        "gaps_random_arm": [],
        "proxies": _proxies(table, stored, specification, audited, random_state),
        "gate": list(stored.verdict.get("checks", [])),
    }


def _design(specification: Specification, origin: str) -> str:
    tests = "the published test" if specification.splits.column is not None else "its rolling tests"
    return f"{'simulated, ' if origin == 'simulated' else ''}retrospective: judged on the rows of {tests}"


def _compared(rows: pd.DataFrame) -> dict[str, Any]:
    """Every order that needs no model, the rule and the model, and whom the model visits later."""
    columns = [str(name) for name in rows.columns if str(name).startswith("by ")]
    named = {name.removeprefix("by ").replace("_", " "): name for name in columns}
    named |= {"two-line rule": "rule", MODEL: "chosen"}
    orders = {name: rows[column].to_numpy(float) for name, column in named.items()}
    outcome, weight = (rows[name].to_numpy(float) for name in ("outcome", "weight"))
    return {
        "comparison": report.judge_on_visits(rows, named).to_dict("records"),
        "made_later": report.made_later(orders, outcome, weight, model=MODEL).to_dict("records"),
    }


def _proxies(
    table: pd.DataFrame,
    stored: registry.StoredVersion,
    specification: Specification,
    audited: list[str],
    random_state: int,
) -> list[dict[str, Any]]:
    if not audited:
        return []
    traits = fairness.trait_columns(table, audited, at=table[specification.time])
    risk = pd.Series(scores_of(table, stored.model, specification).risk)
    return proxy_probe(table[[*specification.input_columns]], risk, traits, random_state=random_state)
