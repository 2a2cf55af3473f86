"""Which sectors, destinations and certifications carry how much harm, and which are hard to supervise?"""

from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import AsJson, AsOf, Data, Seed, show, timestamp


def segments(
    data: Data,
    *,
    as_of: AsOf = None,
    by: Annotated[
        str, typer.Option(help="Columns separated by commas, coarse to fine.")
    ] = "destination,sector,certification_level",
    out: Annotated[Path | None, typer.Option(help="Parquet or CSV file for all columns of all segments.")] = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Show how often visits find harm by segment, with intervals and trend, and where little is known."""
    del seed  # nothing here is drawn; every command takes it
    from risk_model.workflows import segments as segmenting

    columns = tuple(name.strip() for name in by.split(",") if name.strip())
    shown = segmenting.segments(data, as_of=timestamp(as_of), by=columns, out=out, every_column=as_json)
    show(shown, as_json=as_json)
