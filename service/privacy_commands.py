"""Which commands keep what is held within its dates?"""

from typing import Annotated

import typer

app = typer.Typer()

Apply = Annotated[bool, typer.Option("--apply", help="Drop it; without this only say how much there is.")]


@app.command(name="retention")
def drop_what_is_past_its_date(apply: Apply = False) -> None:
    """Say what is kept longer than the settings RISK_KEEP_… allow, and drop it with --apply.

    Stored answers, receipts, ended sessions, and what was written freely of visits, rows and events.
    """
    from service.managing_people import LOCAL
    from service.retention import retention
    from service.running import utc_now
    from service.starting import stated_settings, with_tables

    running = with_tables(stated_settings())
    counts = retention(running, utc_now(), apply=apply, by=LOCAL)
    running.close()
    for kind, number in counts.items():
        typer.echo(f"{kind.replace('_', ' '):<18}{number:>10,}")
    typer.echo("dropped" if apply else "nothing was dropped; do it with: risk-service retention --apply")
