"""Who is visited?"""

from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import SPECIFICATION, AsJson, AsOf, Data, Model, Seed, Spec, show, timestamp


def score(
    data: Data,
    *,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="Parquet or CSV file for the scores.")],
    model: Model = None,
    spec: Spec = SPECIFICATION,
    as_json: AsJson = False,
) -> None:
    """Score every placement in the cohort: before departure, at work, or just returned."""
    from risk_model.workflows import scoring

    show(scoring.score_to_file(data, timestamp(as_of), out, reference=model, specification_file=spec), as_json=as_json)


def make_list(
    data: Data,
    *,
    as_of: AsOf,
    capacity: Annotated[int, typer.Option(min=1, help="Visits that can be made.")],
    office: Annotated[str | None, typer.Option(help="Code of the office; default: all placements.")] = None,
    unit: Annotated[str, typer.Option(help="placement, agency, employer or area.")] = "placement",
    out: Annotated[Path | None, typer.Option(help="CSV or Parquet file for the list.")] = None,
    model: Model = None,
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Make an inspection priority list with arms and inclusion probabilities."""
    from risk_model.prioritisation.priority_list import ListRequest
    from risk_model.workflows import listing

    request = ListRequest(capacity=capacity, as_of=timestamp(as_of), random_state=seed, office=office, unit=unit)
    shown = listing.list_to_file(data, request, out=out, reference=model, specification_file=spec)
    show(shown, as_json=as_json)
