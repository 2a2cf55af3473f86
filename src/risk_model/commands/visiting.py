"""Who is visited?"""

from os import cpu_count
from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import (
    SPECIFICATION,
    AsJson,
    AsOf,
    CoreJobs,
    Data,
    Engine,
    Model,
    Scheduler,
    Seed,
    Spec,
    progress_bar,
    show,
    timestamp,
)


def score(
    data: Annotated[
        Path, typer.Option(help="Folder of a data set or of one Parquet table, or a table (Parquet or CSV).")
    ],
    *,
    as_of: AsOf = None,
    out: Annotated[Path, typer.Option(help="Parquet or CSV file for the scores; or a new folder.")],
    model: Model = None,
    spec: Spec = SPECIFICATION,
    jobs: CoreJobs = None,
    engine: Annotated[Engine, typer.Option(help="What scores a Parquet table: this machine, or a cluster.")] = "local",
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Score every placement in the cohort (before departure, at work, or just returned), or every row of a table."""
    from risk_model.workflows import scoring
    from risk_model.workflows.spreading import Where

    with progress_bar() as progress:
        shown = scoring.score_to_file(
            data,
            timestamp(as_of),
            out,
            reference=model,
            specification_file=spec,
            where=Where(engine, jobs or cpu_count() or 1, scheduler),
            progress=progress,
        )
    show(shown, as_json=as_json)


def make_list(
    data: Data,
    *,
    as_of: AsOf,
    capacity: Annotated[int | None, typer.Option(min=1, help="Visits that can be made.")] = None,
    plan: Annotated[Path | None, typer.Option(help="Or a CSV with month, visits and, if need be, office.")] = None,
    yearly: Annotated[int | None, typer.Option(min=1, help="Or visits a year, spread over its months.")] = None,
    made: Annotated[
        int | None, typer.Option(min=0, help="With a plan: visits this year so far; the rest is carried over.")
    ] = None,
    office: Annotated[str | None, typer.Option(help="Code of the office; default: all placements.")] = None,
    unit: Annotated[str, typer.Option(help="placement, agency, employer or area.")] = "placement",
    out: Annotated[Path | None, typer.Option(help="CSV or Parquet file for the list.")] = None,
    model: Model = None,
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Make an inspection priority list with arms and inclusion probabilities."""
    if sum(given is not None for given in (capacity, plan, yearly)) != 1:
        raise typer.BadParameter("give one of --capacity N, --plan FILE and --yearly N")
    if made is not None and capacity is not None:
        raise typer.BadParameter("--made counts against a plan; give it with --plan FILE or --yearly N")
    from risk_model.prioritisation.priority_list import ListRequest
    from risk_model.workflows import listing

    when = timestamp(as_of)
    if capacity is None:
        capacity = listing.planned_capacity(when, plan=plan, yearly=yearly, office=office, made=made)
    request = ListRequest(capacity=capacity, as_of=when, random_state=seed, office=office, unit=unit)
    shown = listing.list_to_file(data, request, out=out, reference=model, specification_file=spec)
    show(shown, as_json=as_json)
