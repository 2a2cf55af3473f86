"""How much harm is missed?"""

from typing import Annotated

import typer

from risk_model.commands.options import SPECIFICATION, AsJson, AsOf, Data, Seed, Spec, progress_bar, show, timestamp


def prevalence(
    data: Data,
    *,
    as_of: AsOf = None,
    model: Annotated[
        str | None, typer.Option(help="Version, challenger or champion that says what to expect; default: corridors.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, help="Months of lists to pool.")] = 24,
    office: Annotated[str | None, typer.Option(help="Only the placements this office sees; default: all.")] = None,
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Estimate harm in the cohort, found and missed, from the logged probabilities of lists."""
    del seed  # nothing here is drawn; every command takes it
    from risk_model.workflows import prevalence as workflow

    with progress_bar() as progress:
        shown = workflow.prevalence(
            data,
            as_of=timestamp(as_of),
            reference=model,
            months=months,
            office=office,
            specification_file=spec,
            progress=progress,
        )
    show(shown, as_json=as_json)
