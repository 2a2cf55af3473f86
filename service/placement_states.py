"""What is known of a placement at present, and how is it scored?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from risk_model.data.states import state_of
from service.answering import in_utc
from service.payloads.answers import PermittedUse
from service.payloads.placements import PlacementState
from service.running import Running
from service.storage.happenings import told_states, versions_of
from service.tables.register import scores

Row = Mapping[str, Any]


def known_state(running: Running, placement_id: str) -> Row | None:
    """Return the columns of a placement as everything told of it says, or None where nobody registered it."""
    with running.engine.connect() as connection:
        versions = versions_of(connection, [placement_id]).get(placement_id)
        if versions is None:
            return None
        return state_of(versions, told_states(connection, [placement_id]).get(placement_id, ()))


def state_answer(running: Running, state: Row) -> PlacementState:
    """Return what a caller reads of a placement, with its present score."""
    query = select(scores).where(scores.c.placement_id == state["placement_id"])
    with running.engine.connect() as connection:
        found = connection.execute(query).mappings().one_or_none()
    score = {**found, "as_of": in_utc(found["as_of"]), "permitted_use": PermittedUse().allowed} if found else None
    return PlacementState.model_validate({**state, "recorded_at": in_utc(state["recorded_at"]), "score": score})
