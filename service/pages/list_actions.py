"""How is a list issued, and closed, in the browser?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from service.access import Principal, offices_seen
from service.audit_notes import record_read
from service.identity import allowed, sees_office
from service.language import Language
from service.list_answers import SeenList, list_answer, seen_list
from service.list_life import close_list, issue_list
from service.pages.list_actions_view import ClosePage, ToClose
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.row_parts import Reading, row_view
from service.pages.visit_form import reasons_for
from service.payloads.answers import ListRow
from service.payloads.list_life import Close, RowReason
from service.payloads.requests import LONGEST_ID
from service.problems import NOT_FOUND, UNPROCESSABLE, ProblemError, refused_row, said
from service.running import Now, Running, Service
from service.storage.register import newest_import
from service.storage.row_states import ACCEPTED, DEFERRED, NOT_REACHED, OPEN
from service.working_rows import Why

router = APIRouter(prefix="/lists/{list_id}")

SEE_OTHER: Final = 303
FOR_ALL, REASON, NOTE = "all", "reason-", "note-"
"""Names of the fields of the form: one reason for all rows, and reason and note by rank."""
MOST_DIGITS: Final = 9
Maker = Annotated[Principal, allowed("lists.make")]
ListId = Annotated[str, Path(max_length=LONGEST_ID)]


async def _fields(request: Request) -> dict[str, str]:
    """The fields of the form, whose names depend on the list."""
    return {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}


@router.post("/issue")
def issue(caller: Maker, running: Service, list_id: ListId, now: Now) -> Response:
    """Issue a draft and show it."""
    issue_list(running, list_id, caller=caller, now=now)
    return RedirectResponse(f"/lists/{quote(list_id)}?done=issue", SEE_OTHER)


@router.get("/close")
def close_page(
    request: Request, caller: Maker, running: Service, language: PageLanguage, *, list_id: ListId, now: Now
) -> Response:
    """The rows that still need a reason before the list can be closed."""
    return _answer(_Asked(request, caller, running, list_id, language, now), {})


@router.post("/close")
def close(
    request: Request,
    caller: Maker,
    running: Service,
    language: PageLanguage,
    *,
    list_id: ListId,
    now: Now,
    fields: Annotated[dict[str, str], Depends(_fields)],
    version: Annotated[str, Form(max_length=MOST_DIGITS)] = "",
) -> Response:
    """Close the list with the reasons given, or show the form again with what is missing."""
    seen = int(version) if version.isascii() and version.isdigit() else None
    asked = _Asked(request, caller, running, list_id, language, now)
    try:
        waiting = [row.rank for row in _rows_to_close(asked.reading().head.rows)]
        wanted = Close(reasons=[RowReason.model_validate(each) for each in _given(fields, waiting)])
        reasons = {each.rank: Why(each.reason_code, each.note) for each in wanted.reasons}
        close_list(running, list_id, reasons, seen=seen, caller=caller, now=now)
    except ValidationError as error:
        found = refused_row(error.errors(), language, list(fields)).errors or ()
        return _answer(asked, fields, trouble=tuple(fault.detail for fault in found), status=UNPROCESSABLE)
    except ProblemError as error:
        if error.status == NOT_FOUND:
            raise
        return _answer(asked, fields, trouble=(said(error, language)[1],), status=error.status)
    return RedirectResponse(f"/lists/{quote(list_id)}?done=close", SEE_OTHER)


@dataclass(frozen=True)
class _Asked:
    request: Request
    caller: Principal
    running: Running
    list_id: str
    language: Language
    now: datetime

    def seen(self) -> SeenList:
        """Return the list.

        Raises:
            ProblemError: 404.
        """
        found = seen_list(self.running.engine, self.list_id, offices_seen(self.caller, self.running.offices))
        if found is None or not sees_office(self.caller, self.running, found.stored.head["office"]):
            raise ProblemError(NOT_FOUND, "no_such_list", name=self.list_id)
        return found

    def reading(self) -> Reading:
        """Return the list as the caller sees it.

        Raises:
            ProblemError: 404.
        """
        told = list_answer(self.seen(), self.caller, source_link=None, now=self.now)
        return Reading(told, self.caller, self.language, self.now, self.running.offices)


def _answer(asked: _Asked, fields: Mapping[str, str], *, trouble: tuple[str, ...] = (), status: int = 200) -> Response:
    reading = asked.reading()
    record_read(asked.running, asked.caller, "list.read", asked.list_id, asked.now)
    view = ClosePage(
        frame=frame(asked.request, asked.language),
        words=reading.words,
        notices=notices_of(asked.running, asked.seen().stored, newest_import(asked.running.engine), asked.language),
        title=reading.words["close_title"].format(name=asked.list_id),
        list_id=asked.list_id,
        version=reading.head.version,
        trouble=trouble,
        rows=tuple(
            ToClose(row_view(row, reading), fields.get(f"{REASON}{row.rank}", ""), fields.get(f"{NOTE}{row.rank}", ""))
            for row in _rows_to_close(reading.head.rows)
        ),
        reasons=reasons_for("close", language=asked.language),
    )
    return keep_language(asked.request, page(view, status))


def _rows_to_close(rows: Sequence[ListRow]) -> list[ListRow]:
    """Return the rows that lack a visit and a reason."""
    tried = (DEFERRED, NOT_REACHED)
    return [row for row in rows if row.status in (OPEN, ACCEPTED) or (row.status in tried and row.reason_code is None)]


def _given(fields: Mapping[str, str], ranks: Sequence[int]) -> list[dict[str, Any]]:
    """Return the reason of each row that has one: its own, or the one for all."""
    for_all = fields.get(FOR_ALL, "")
    chosen = {rank: fields.get(f"{REASON}{rank}", "") or for_all for rank in ranks}
    return [
        {"rank": rank, "reason_code": reason, "note": fields.get(f"{NOTE}{rank}") or None}
        for rank, reason in chosen.items()
        if reason
    ]
