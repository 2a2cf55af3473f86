"""Where do the tables come from: a simulation, or an office's exports?"""

from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import WORKER_KEY, AsJson, AsOf, Seed, progress_bar, show, timestamp


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
    from risk_model.workflows import simulation

    with progress_bar() as progress:
        shown = simulation.simulate(
            out,
            world=world,
            reporting=reporting,
            placements=placements,
            random_state=seed,
            until=timestamp(until),
            export=export,
            check=check,
            progress=progress,
        )
    show(shown, as_json=as_json)


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

    with progress_bar() as progress:
        result = ingesting.ingest(files, mapping=mapping, out=out, key=load_key(WORKER_KEY), progress=progress)
    show(result.summary, as_json=as_json)
