"""Who did or read what, and does the chain of the log hold?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from risk_model.errors import InputError
from service.access import Principal
from service.audit_anchor import anchor_path, read_anchor
from service.identity import allowed
from service.language import Language
from service.pages import audit_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.running import Running, Service
from service.storage.audit_check import Verdict, check
from service.storage.audit_reading import LogFilter, LogRow, log_length, newest_entries
from service.storage.engine import one_state
from service.storage.people import find_login, logins_of
from service.storage.register import newest_import

router = APIRouter()

LINES: Final = 30
CHECKED: Final = 20_000
"""Entries that are checked while somebody waits; a longer log is checked on the command line."""
LONGEST: Final = 128
USER: Final = "user:"
MOST_ENTRIES: Final = 2**31 - 1


@router.get("/audit")
def audit_page(
    request: Request,
    _: Annotated[Principal, allowed("audit.read")],
    running: Service,
    language: PageLanguage,
    *,
    before: Annotated[int | None, Query(ge=1, le=MOST_ENTRIES)] = None,
    verify: Annotated[bool, Query()] = False,
) -> Response:
    """The newest entries that fit who, action, object and days; with `verify` whether the log is whole."""
    sent = {name: request.query_params.get(name, "").strip()[:LONGEST] for name in views.FIELDS}
    asked = {name: value for name, value in sent.items() if value}
    trouble, rows = None, list[LogRow]()
    with running.engine.connect() as connection:
        try:
            wanted = _wanted(connection, asked)
        except ValueError:
            trouble = texts.words(language)["au_bad_day"]
        else:
            rows = newest_entries(connection, wanted, limit=LINES + 1, before=before)
        shown = rows[:LINES]
        logins = logins_of(connection, _ids(shown))
    older = {**asked, "before": str(shown[-1].seq)} if len(rows) > LINES else None
    view = views.AuditPage(
        frame=frame(request, language),
        words=texts.words(language),
        notices=notices_of(running, None, newest_import(running.engine), language),
        trouble=trouble,
        fields=views.log_fields(asked, language),
        filtered=bool(asked),
        kept=tuple(asked.items()),
        chain=_chain(running, language) if verify else None,
        lines=views.log_lines(shown, {f"{USER}{id_}": login for id_, login in logins.items()}, asked, language),
        newest=views.link(asked) if before else None,
        older=views.link(older) if older else None,
    )
    return keep_language(request, page(view, 200 if trouble is None else 422))


def _wanted(connection: Connection, asked: Mapping[str, str]) -> LogFilter:
    """Return what entries must fit; somebody may be named by login.

    Raises:
        ValueError: a day is none.
    """
    since, until = (_day(asked.get(name)) for name in ("from", "until"))
    return LogFilter(
        who=_who(connection, asked.get("who")),
        action=asked.get("action"),
        object=asked.get("object"),
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def _day(sent: str | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(sent), datetime.min.time()) if sent else None


def _who(connection: Connection, sent: str | None) -> str | None:
    found = find_login(connection, sent.casefold()) if sent and ":" not in sent else None
    return f"{USER}{found[0].user_id}" if found else sent


def _ids(rows: Sequence[LogRow]) -> set[str]:
    return {row.who.removeprefix(USER) for row in rows if row.who.startswith(USER)}


def _chain(running: Running, language: Language) -> views.Chain:
    """Check the log as it stands; unlike the command, nothing is written down outside the database."""
    with one_state(running.engine) as connection:
        length = log_length(connection)
        if length > CHECKED:
            return views.too_long(length, CHECKED, language)
        try:
            anchor = read_anchor(anchor_path(running.settings.audit_key_file))
        except InputError as error:
            return views.chain(Verdict(0, None, str(error)), language)
        return views.chain(check(connection, key=running.audit_key, anchor=anchor), language)
