"""Which options do commands share, and how do they show progress and results?"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

SPECIFICATION = next(
    (
        file
        for file in (
            Path("models/placement_risk.yaml"),
            Path(__file__).parents[3] / "models" / "placement_risk.yaml",
        )
        if file.is_file()
    ),
    Path(__file__).parents[1] / "placement_risk.yaml",
)
"""The office's own specification where the command is called beside one, else the one that ships."""
WORKER_KEY = Path("var/keys/worker_ref.key")

Data = Annotated[Path, typer.Option(help="Folder of one data set (Parquet), or the address of a service's database.")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was known before this date.")]
Spec = Annotated[Path, typer.Option(help="Specification of what is learnt.")]
Seed = Annotated[int, typer.Option(help="Seed of every random choice.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Model = Annotated[str | None, typer.Option(help="Version number, challenger or champion; default: newest trained.")]
Engine = Literal["local", "dask"]
CoreJobs = Annotated[int | None, typer.Option(min=1, help="Processes; default: one per core.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a dask scheduler, as tcp://HOST:8786.")]
Jobs = Annotated[int, typer.Option(help="Processes for the grid.")]


def timestamp(date: datetime | None) -> Any:
    """Return `date` as a pandas timestamp; none stays none."""
    import pandas as pd

    return None if date is None else pd.Timestamp(date)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar on standard error; call what it yields with (done, total, text)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<40}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)


def show(shown: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result: one JSON document, or lines and tables."""
    if as_json:
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False, default=str))
        return
    from risk_model.terminal import print_result

    print_result(shown)
