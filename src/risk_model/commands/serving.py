"""Which version is served?"""

from datetime import UTC, datetime
from typing import Annotated

import typer

from risk_model.commands.options import SPECIFICATION, AsJson, Data, Spec, show


def promote(
    data: Data,
    *,
    approver: Annotated[str, typer.Option(help="Who answers for this promotion.")],
    version: Annotated[str, typer.Argument(help="Version number; default: the challenger.")] = "challenger",
    spec: Spec = SPECIFICATION,
    as_json: AsJson = False,
) -> None:
    """Hold a version against the gate and, when it passes, publish its release."""
    from risk_model.workflows import promotion

    show(
        promotion.promote(version, data, approver=approver, specification_file=spec, created_at=datetime.now(UTC)),
        as_json=as_json,
    )


def rollback(spec: Spec = SPECIFICATION, as_json: AsJson = False) -> None:
    """Serve the previous release again."""
    from risk_model.workflows import promotion

    show(promotion.roll_back(spec), as_json=as_json)
