"""Which version is served?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from risk_model.commands.options import SPECIFICATION, AsJson, Seed, Spec, progress_bar, show


def promote(
    data: Annotated[
        Path, typer.Option(help="What the version was trained on: a data set's folder, or a table's file.")
    ],
    *,
    approver: Annotated[str, typer.Option(help="Who answers for this promotion; not the one who trained it.")],
    version: Annotated[str, typer.Argument(help="Version number; default: the challenger.")] = "challenger",
    spec: Spec = SPECIFICATION,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Hold a version against the gate and, when it passes, publish its release."""
    from risk_model.workflows import promotion

    with progress_bar() as progress:
        shown = promotion.promote(
            version,
            data,
            approver=approver,
            specification_file=spec,
            created_at=datetime.now(UTC),
            random_state=seed,
            progress=progress,
        )
    show(shown, as_json=as_json)


def rollback(spec: Spec = SPECIFICATION, as_json: AsJson = False) -> None:
    """Serve the previous release again."""
    from risk_model.workflows.rollback import roll_back

    show(roll_back(spec), as_json=as_json)
