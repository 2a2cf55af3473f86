"""Which commands does `risk-service` have?

The only place, with the routes, that looks at a clock.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from risk_model.errors import RiskModelError, UnknownCodeError
from service import operation_commands, people_commands, privacy_commands, receipt_commands

app = typer.Typer(
    help="Serve scores and priority lists, from the release in use and the data last imported.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.registered_commands.extend(people_commands.app.registered_commands)
app.registered_commands.extend(operation_commands.app.registered_commands)
app.registered_commands.extend(privacy_commands.app.registered_commands)
app.registered_commands.extend(receipt_commands.app.registered_commands)

FIRST_LIST_SEED = 0
USUAL_VISITS = 20
"""Visits of a first list where the office never stated its own number."""

Data = Annotated[Path, typer.Option(help="Folder of one data set: placements, events and inspections as Parquet.")]
AsOf = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only what was known before; default: all of it.")
]
FirstList = Annotated[
    str | None, typer.Option(help="Code of an office that gets a list at once, so that the page opens with one.")
]


def main() -> None:
    """Run the command line; an error that names its repair is printed without a traceback and exits 1."""
    try:
        app()
    except RiskModelError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  the command line is where printing happens
        sys.exit(1)


@app.command()
def serve() -> None:
    """Listen for requests until stopped; RISK_HOST and RISK_PORT say where."""
    from service.serving import answer_requests, listen
    from service.starting import stated_settings, with_tables

    settings = stated_settings()
    listening = listen(settings.host, settings.port)
    running = with_tables(settings)
    if running.served.reason:
        typer.echo(f"note: {running.served.reason}; the two-line rule on published rates answers", err=True)
    running.close()
    typer.echo(f"Open http://{settings.host}:{settings.port}/ (stop with Ctrl+C)")
    answer_requests(settings, listening)


@app.command()
def openapi() -> None:
    """Print the description of the API (OpenAPI 3.1, JSON); docs/openapi.json holds it."""
    from service.app import create_app
    from service.running import Running
    from service.settings import Settings

    described = create_app(Running(Settings(database_url="sqlite://"))).openapi()
    typer.echo(json.dumps(described, indent=2, ensure_ascii=False))


@app.command(name="migrate")
def migrate_tables() -> None:
    """Bring the tables of the database to this version."""
    from service.running import Running
    from service.starting import stated_settings
    from service.storage.engine import migrate

    running = Running(stated_settings())
    migrate(running.engine)
    typer.echo("The tables are up to date.")


@app.command(name="import")
def import_data(data: Data, as_of: AsOf = None, first_list: FirstList = None) -> None:
    """Replace the register by a data set, scored by the release in use: all of it or nothing."""
    from service.access import Principal
    from service.drawing import Wanted, draw_list
    from service.importing import import_data_set
    from service.list_life import issue_list
    from service.managing_people import LOCAL
    from service.running import utc_now
    from service.starting import stated_settings, with_tables

    running = with_tables(stated_settings())
    if first_list is not None and first_list not in running.offices:
        raise UnknownCodeError(first_list, column="--first-list", known=running.offices)
    with _progress() as progress:
        report = import_data_set(running, data, as_of=as_of, now=utc_now(), progress=progress)
    typer.echo(
        f"{report.placements} placements as of {report.as_of.date()} ({report.data_origin}), "
        f"scored by {report.model_version}"
    )
    if first_list is not None:
        visits = running.offices[first_list].monthly_visits or USUAL_VISITS
        drawn = draw_list(running, Wanted(visits, first_list, "placement", FIRST_LIST_SEED), now=utc_now(), by=LOCAL)
        issue_list(running, drawn.list_id, caller=Principal(*LOCAL), now=utc_now())
        typer.echo(f"list {drawn.list_id} for {first_list}: {len(drawn.rows)} visits")


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, total, text: bar.update(task, completed=done, total=total, description=text)


if __name__ == "__main__":
    main()
