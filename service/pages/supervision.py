"""How are the visits going, is the order of use, and what is missed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from risk_model import vocabulary
from risk_model.errors import UnreadableFileError
from service.access import ANALYST, OFFICE_ROLES, Principal, offices_seen
from service.identity import allowed, sees_office
from service.instants import months_before, naive_utc
from service.kept_drift import read_drift
from service.language import Language
from service.pages import supervision_counts as counts
from service.pages import supervision_figures as figures
from service.pages import supervision_view as views
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.views import Choice, office_choices, office_label
from service.payloads.drift import Drift
from service.payloads.prevalence import Asked
from service.prevalence_answer import prevalence_answer
from service.problems import NOT_FOUND, ProblemError
from service.running import Now, Running, Service
from service.storage.register import newest_import
from service.storage.supervision import Row, Scope, overrides, staff, work_rows

if TYPE_CHECKING:
    import pandas as pd

router = APIRouter()

ROWS: Final = "/supervision/rows"
USUAL_MONTHS, MOST_MONTHS = 12, 120
Reader = Annotated[Principal, allowed("supervision.read")]
Office = Annotated[str | None, Query(max_length=64)]
Months = Annotated[int, Query(ge=1, le=MOST_MONTHS)]


@dataclass(frozen=True)
class Told:
    """What the database says of the rows that the page counts."""

    rows: pd.DataFrame
    overrides: pd.DataFrame
    staff: list[Row]


@router.get("/supervision")
def supervision_page(
    request: Request,
    reader: Reader,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    office: Office = None,
    months: Months = USUAL_MONTHS,
) -> Response:
    """Workload, progress, found against chance, missed, overrides and fairness, each number with its rows."""
    asked = Asked(chosen_office(reader, running, office), offices_seen(reader, running.offices), months)
    told = _told(running, scope_of(asked, now))
    reading = _reading(reader, asked, language)
    names = {code: office_label(code, running.offices, language) for code in running.offices}
    work, each_inspector = counts.at_work(told.rows), _names_inspectors(reader, asked)
    loads = counts.by_inspector(work, told.staff) if each_inspector else counts.by_office(work, _capacities(running))
    words = reading.words
    reasons = counts.override_reasons(told.rows, told.overrides)
    labels = {code: vocabulary.label("override_reasons", code, language) for code in (each.code for each in reasons)}
    view = views.SupervisionPage(
        frame=frame(request, language),
        words=words,
        notices=notices_of(running, None, newest_import(running.engine), language),
        offices=_offices(running, asked, language),
        months=views.month_choices(months, language),
        statuses=views.status_names(words),
        loads_title=words["sv_inspector" if each_inspector else "office"],
        loads_note=None if each_inspector or reader.role == ANALYST else words["sv_by_office_note"],
        loads=views.load_views(loads, reading, names),
        progress=views.progress_views(counts.by_list(work), reading, names, opens_lists=reader.may("lists.read")),
        arms=views.arm_views(counts.by_arm(work), reading),
        figures=_figures(running, asked, told.rows, reading, now=now),
        reasons=views.reason_views(reasons, labels, reading),
    )
    return keep_language(request, page(view))


def chosen_office(reader: Principal, running: Running, office: str | None) -> str | None:
    """Return the office that the reader chose among those that exist for the reader; None where none was.

    Raises:
        ProblemError: 404.
    """
    if not office:
        return None
    if office not in running.offices or not sees_office(reader, running, office):
        raise ProblemError(NOT_FOUND, "no_such_office", name=office)
    return office


def scope_of(asked: Asked, now: datetime) -> Scope:
    """Return which rows are counted: those of the last months, of the offices that are asked for."""
    return Scope(asked.offices, months_before(naive_utc(now), asked.months))


def _told(running: Running, scope: Scope) -> Told:
    with running.engine.connect() as connection:
        rows, moved = work_rows(connection, scope), overrides(connection, scope)
        return Told(rows, moved, staff(connection, scope.offices, OFFICE_ROLES))


def _reading(reader: Principal, asked: Asked, language: Language) -> figures.Reading:
    always = {"months": str(asked.months), **({"office": asked.office} if asked.office else {})}

    def link(**filters: str) -> str:
        return f"{ROWS}?{urlencode({**always, **filters})}"

    return figures.Reading(texts.words(language), language, link, names_arms=reader.may("lists.read_design"))


def _names_inspectors(reader: Principal, asked: Asked) -> bool:
    """Whether the workload is told by inspector: to who sees all offices, only of the one that was chosen."""
    return reader.role != ANALYST and (asked.office is not None or asked.seen is not None)


def _capacities(running: Running) -> Mapping[str, int | None]:
    return {code: office.monthly_visits for code, office in running.offices.items()}


def _offices(running: Running, asked: Asked, language: Language) -> tuple[Choice, ...]:
    seen = frozenset(running.offices) if asked.seen is None else asked.seen
    everything = Choice("", texts.words(language)["sv_all_offices"], asked.office is None)
    return (everything, *office_choices(running.offices, seen, asked.office, language))


def _figures(
    running: Running, asked: Asked, rows: pd.DataFrame, reading: figures.Reading, *, now: datetime
) -> tuple[figures.Figure, ...]:
    return (
        figures.ratio_figure(rows, reading),
        figures.missed_figure(prevalence_answer(running, asked, now=now), reading),
        figures.override_figure(rows, reading),
        figures.fairness_figure(running.served, _drift(running), reading),
    )


def _drift(running: Running) -> Drift | None:
    """What `risk-model drift` kept; a damaged file is said on the page of drift."""
    try:
        return read_drift(running.settings.model_dir)
    except UnreadableFileError:
        return None
