"""Does a version still fit?"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from risk_model.commands.options import (
    SPECIFICATION,
    AsJson,
    AsOf,
    Data,
    Model,
    Seed,
    Spec,
    progress_bar,
    show,
    timestamp,
)


def drift(
    data: Data,
    *,
    as_of: AsOf = None,
    model: Model = None,
    spec: Spec = SPECIFICATION,
    keep: Annotated[bool, typer.Option(help="Keep what was found beside the releases, for the page of drift.")] = True,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Compare inputs, scores and what visits found with what the version was trained on."""
    del seed  # nothing here is drawn; every command takes it
    from risk_model.workflows import drift as drifting

    with progress_bar() as progress:
        shown = drifting.drift(
            data, as_of=timestamp(as_of), reference=model, specification_file=spec, progress=progress
        )
    if keep:
        drifting.keep(shown, datetime.now(UTC))
    show(shown, as_json=as_json)
