"""How would policies fare, month after month, in a simulated world?"""

from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import SPECIFICATION, AsJson, Seed, Spec, progress_bar, show


def replay(
    *,
    world: Annotated[str, typer.Option(help="open, hidden, silenced, shift or equal-risk.")],
    rounds: Annotated[int, typer.Option(min=1, help="Monthly rounds of list, visits and learning.")] = 24,
    placements: Annotated[int, typer.Option(min=1, help="Placements to simulate.")] = 20_000,
    reporting: Annotated[str, typer.Option(help="published or rich (ten times as many reports).")] = "published",
    policies: Annotated[
        str | None, typer.Option(help="Policies with commas between; default: all (ceiling in shift alone).")
    ] = None,
    visits: Annotated[float | None, typer.Option(help="Visits a month; default: 160 for 60,000 placements.")] = None,
    retrain_every: Annotated[
        int | None, typer.Option(min=1, help="Rounds between learning; default 1, above 20,000 placements 3.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Parquet or CSV file for the rounds.")] = None,
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Run list, visits and learning for two years under each policy, where the truth is known."""
    from risk_model.replay.loop import Course
    from risk_model.replay.policies import find_policies
    from risk_model.workflows import replay as replaying

    every = replaying.default_retraining(placements) if retrain_every is None else retrain_every
    course = Course(rounds, find_policies(policies, world=world), visits, every, seed)
    with progress_bar() as progress:
        shown = replaying.replay(
            world,
            course,
            reporting=reporting,
            placements=placements,
            specification_file=spec,
            out=out,
            progress=progress,
        )
    show(shown, as_json=as_json)
