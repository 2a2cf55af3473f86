"""How is a version made and judged?"""

from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import (
    SPECIFICATION,
    AsJson,
    AsOf,
    Engine,
    Jobs,
    Model,
    Scheduler,
    Seed,
    Spec,
    progress_bar,
    show,
    timestamp,
)


def train(
    data: Annotated[
        Path | None, typer.Option(help="Folder of a data set, or a service's database: sqlite:///file, postgresql://…")
    ] = None,
    *,
    table: Annotated[Path | None, typer.Option(help="Or any dated table with an outcome (Parquet or CSV).")] = None,
    spec: Spec = SPECIFICATION,
    as_of: AsOf = None,
    seed: Seed = 0,
    jobs: Jobs = 2,
    backend: Annotated[Engine, typer.Option(help="What fits the candidates: this machine, or a cluster.")] = "local",
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Compare the candidates over time, keep the best readable one and register it as challenger."""
    if (data is None) == (table is None):
        raise typer.BadParameter("give either --data DIR (a data set) or --table FILE with --spec FILE")
    from risk_model.workflows import training
    from risk_model.workflows.spreading import Where

    where = Where(backend, jobs, scheduler)
    with progress_bar() as progress:
        if data is not None:
            shown = training.train_on_placements(
                data, spec, as_of=timestamp(as_of), random_state=seed, where=where, progress=progress
            )
        else:
            shown = training.train_on_table(table or Path(), spec, random_state=seed, where=where, progress=progress)
    show(shown, as_json=as_json)


def evaluate(
    data: Annotated[Path, typer.Option(help="Folder of a data set, or the file of the table trained on.")],
    *,
    as_of: AsOf = None,
    model: Model = None,
    truth: Annotated[
        bool | None,
        typer.Option(
            "--truth/--visits", help="Judge on simulated true harm (default where there is one), or on visits."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the whole report here (.md, .html or .json).")] = None,
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Say how good a version is, for whom, and whether its probabilities come true."""
    from risk_model.result_files import finite, write_report
    from risk_model.workflows import evaluation

    with progress_bar() as progress:
        judged = evaluation.evaluation(
            data,
            as_of=timestamp(as_of),
            reference=model,
            specification_file=spec,
            random_state=seed,
            truth=truth,
            progress=progress,
        )
    if out is not None:
        write_report(judged, out)
    show(finite(judged) if as_json else evaluation.in_short(judged), as_json=as_json)
