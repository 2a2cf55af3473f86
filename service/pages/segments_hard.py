"""Which segments are hard to supervise, and for which reasons?"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from risk_model.scoring.coding import not_recorded
from service.access import Principal
from service.identity import allowed
from service.language import LANGUAGES, Language
from service.live_scoring import value_label
from service.pages import texts
from service.pages.notices import notices_of
from service.pages.numbers import decimal, percent, percent_interval
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.segments_view import HardLine, HardPage
from service.pages.views import Choice
from service.payloads.segments import SPECIAL
from service.problems import CONFLICT, ProblemError
from service.running import Now, Service
from service.segments_answer import hard_answer
from service.storage.register import newest_import

router = APIRouter()

By = Literal["sector", "destination", "certification_level"]
COLUMNS: Final[tuple[By, ...]] = ("sector", "destination", "certification_level")


@router.get("/segments/hard-to-supervise")
def hard_page(
    request: Request,
    _: Annotated[Principal, allowed("segments.read")],
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    by: By = "sector",
) -> Response:
    """What makes each segment hard to supervise, reason beside reason and no index made of them."""
    newest = newest_import(running.engine)
    if newest is None:
        raise ProblemError(CONFLICT, "no_data")
    words = texts.words(language)
    rows = hard_answer(running, newest, by, now=now)
    view = HardPage(
        frame=frame(request, language),
        words=words,
        notices=notices_of(running, None, newest, language),
        by=tuple(Choice(column, words[f"sg_{column}"], column == by) for column in COLUMNS),
        by_name=words[f"sg_{by}"],
        data_until=texts.day(rows[0]["as_of"], language) if rows else None,
        lines=tuple(_line(row, by, language) for row in rows),
    )
    return keep_language(request, page(view))


def _line(row: Mapping[Any, Any], by: By, language: Language) -> HardLine:
    words, code = texts.words(language), str(row[by])
    special = SPECIAL.get(code)
    name = special[LANGUAGES.index(language)] if special else value_label(by, code, language) or code

    def said(column: str, form: Any) -> str:
        value = row[column]
        return words["sg_too_few"] if not_recorded(value) else str(form(value))

    def whole(value: Any) -> str:
        return texts.whole_number(int(value), language)

    return HardLine(
        name=name,
        placements=whole(row["placements"]),
        rate=percent_interval(row["rate"], row["low"], row["high"], language),
        width=words["sg_points_width"].format(width=decimal(100 * row["interval_width"], language, places=0)),
        visits_per_1000=said("visits_per_1000", whole),
        reports=said("reported_per_1000", whole),
        found_per_report=said("found_per_report", whole),
        not_reached=said("not_reached", lambda share: percent(share, language)),
        unvisited=said("in_unvisited_corridors", lambda share: percent(share, language)),
    )
