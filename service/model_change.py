"""Are the scores of the register those of the model now served?"""

from datetime import datetime
from typing import Final

from service.applying import rescore_all
from service.running import Running
from service.storage.register import newest_import, note_model

CAUSE: Final = "model"
"""Cause of a changed band where another model took over."""


def follow_model(running: Running, now: datetime) -> bool:
    """Score every placement anew where another model made the scores, in parts, so that events go on meanwhile.

    Changed bands are told, and flagged on issued lists. One that was stopped half-way begins again.

    Returns:
        whether there was something to do.
    """
    newest, version = newest_import(running.engine), running.served.version
    if newest is None or newest.model_version == version:
        return False
    rescore_all(running, now, cause=CAUSE)
    if running.served.version == version:
        note_model(running.engine, newest.import_id, version)
    return True
