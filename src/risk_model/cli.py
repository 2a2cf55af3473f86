"""Which commands does `risk-model` have?

The command line parses, calls one workflow and prints; it is the only part of the library that
looks at a clock. Heavy imports wait for the command that needs them.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from risk_model.errors import RiskModelError

app = typer.Typer(
    help="Score placements for protection risk, and make inspection lists that say what they miss.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SPECIFICATION = next(
    (
        file
        for file in (
            Path("models/placement_risk.yaml"),
            Path(__file__).parents[2] / "models" / "placement_risk.yaml",
        )
        if file.is_file()
    ),
    Path(__file__).with_name("placement_risk.yaml"),
)
"""The office's own specification where the command is called beside one, else the one that ships."""
WORKER_KEY = Path("var/keys/worker_ref.key")

Data = Annotated[Path, typer.Option(help="Folder of one data set: placements, events and inspections as Parquet.")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was known before this date.")]
Spec = Annotated[Path, typer.Option(help="Specification of what is learnt.")]
Seed = Annotated[int, typer.Option(help="Seed of every random choice.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Model = Annotated[str | None, typer.Option(help="Version number, challenger or champion; default: newest trained.")]
Jobs = Annotated[int, typer.Option(help="Processes for the grid.")]


def main() -> None:
    """Run the command line; an error that names its repair is printed without a traceback and exits 1."""
    try:
        app()
    except RiskModelError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  the command line is where printing happens
        sys.exit(1)


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="Folder for the tables.")],
    *,
    world: Annotated[str, typer.Option(help="open, hidden, silenced or shift.")] = "hidden",
    reporting: Annotated[str, typer.Option(help="published or rich (ten times as many reports).")] = "published",
    placements: Annotated[int, typer.Option(min=1, help="Placements to simulate.")] = 60_000,
    seed: Seed = 0,
    until: AsOf = None,
    export: Annotated[Path | None, typer.Option(help="Also write messy office files here.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Print simulated against published figures.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a simulated data set whose true harm is known; everything in it is marked as simulated."""
    from risk_model import simulation_workflow

    with _progress() as progress:
        shown = simulation_workflow.simulate(
            out,
            world=world,
            reporting=reporting,
            placements=placements,
            random_state=seed,
            until=_timestamp(until),
            export=export,
            check=check,
            progress=progress,
        )
    _show(shown, as_json=as_json)


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="Office exports: csv, xlsx or Parquet; later files win.")],
    *,
    mapping: Annotated[str, typer.Option(help="siskop2mi, complaints, visits, or a mapping file.")],
    out: Annotated[Path, typer.Option(help="Folder for the table, rejects.csv and summary.json.")],
    as_json: AsJson = False,
) -> None:
    """Read office exports into one table; every row is accepted, or refused with its repair."""
    from risk_model.data import ingest as ingesting
    from risk_model.data.worker_reference import load_key

    with _progress() as progress:
        result = ingesting.ingest(files, mapping=mapping, out=out, key=load_key(WORKER_KEY), progress=progress)
    _show(result.summary, as_json=as_json)


@app.command()
def train(
    data: Annotated[Path | None, typer.Option(help="Folder of a data set.")] = None,
    *,
    table: Annotated[Path | None, typer.Option(help="Or any dated table with an outcome (Parquet or CSV).")] = None,
    spec: Spec = SPECIFICATION,
    as_of: AsOf = None,
    seed: Seed = 0,
    jobs: Jobs = 2,
    as_json: AsJson = False,
) -> None:
    """Compare the candidates over time, keep the best readable one and register it as challenger."""
    if (data is None) == (table is None):
        raise typer.BadParameter("give either --data DIR (a data set) or --table FILE with --spec FILE")
    from risk_model import workflows

    with _progress() as progress:
        if data is not None:
            shown = workflows.train_on_placements(
                data, spec, as_of=_timestamp(as_of), random_state=seed, jobs=jobs, progress=progress
            )
        else:
            shown = workflows.train_on_table(table or Path(), spec, random_state=seed, jobs=jobs, progress=progress)
    _show(shown, as_json=as_json)


@app.command()
def evaluate(
    data: Data,
    *,
    as_of: AsOf = None,
    model: Model = None,
    truth: Annotated[
        bool, typer.Option("--truth", help="Judge on simulated true harm (the default where there is one).")
    ] = True,
    out: Annotated[Path | None, typer.Option(help="Also write the report here (.md or .json).")] = None,
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Compare the model's order with what an office could do without it."""
    from risk_model import workflows
    from risk_model.result_files import write_report

    shown = workflows.evaluation(
        data, as_of=_timestamp(as_of), reference=model, specification_file=spec, random_state=seed
    )
    if out is not None:
        write_report(shown, out)
    _show(shown, as_json=as_json)


@app.command()
def promote(
    data: Data,
    *,
    approver: Annotated[str, typer.Option(help="Who answers for this promotion.")],
    version: Annotated[str, typer.Argument(help="Version number; default: the challenger.")] = "challenger",
    spec: Spec = SPECIFICATION,
    as_json: AsJson = False,
) -> None:
    """Hold a version against the gate and, when it passes, publish its release."""
    from risk_model import workflows

    _show(
        workflows.promote(version, data, approver=approver, specification_file=spec, created_at=datetime.now(UTC)),
        as_json=as_json,
    )


@app.command()
def rollback(spec: Spec = SPECIFICATION, as_json: AsJson = False) -> None:
    """Serve the previous release again."""
    from risk_model import workflows

    _show(workflows.roll_back(spec), as_json=as_json)


@app.command()
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
    from risk_model import workflows

    _show(
        workflows.score_to_file(data, _timestamp(as_of), out, reference=model, specification_file=spec), as_json=as_json
    )


@app.command(name="list")
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
    from risk_model import workflows
    from risk_model.prioritisation.priority_list import ListRequest

    request = ListRequest(capacity=capacity, as_of=_timestamp(as_of), random_state=seed, office=office, unit=unit)
    shown = workflows.list_to_file(data, request, out=out, reference=model, specification_file=spec)
    _show(shown, as_json=as_json)


def _timestamp(date: datetime | None) -> Any:
    import pandas as pd

    return None if date is None else pd.Timestamp(date)


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<40}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)


def _show(shown: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False, default=str))
        return
    from risk_model.terminal import print_result

    print_result(shown)


if __name__ == "__main__":
    main()
