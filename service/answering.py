"""How is what is stored said to a caller?"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from risk_model import vocabulary
from risk_model.vocabulary import LIST_SEPARATOR
from service.champion import worst_origin
from service.language import Language
from service.live_scoring import LiveScoring, Scored, reasons_as_data
from service.payloads.answers import Body, DesignRow, ListDesign, ListHead, ListRow, PermittedUse, PriorityList, Score
from service.payloads.requests import PlacementIn
from service.settings import PLACEMENT_ID_FIELD
from service.storage.lists import Row, StoredList

UNSUPPORTED: Final = (
    "Koridor ini belum pernah dipelajari: tidak ada angka, petugas yang menilai.",
    "This corridor was never learnt from: there is no figure, an officer judges.",
)
PUBLISHED_RULE: Final = (
    "Belum ada model yang lolos uji: angka ini dari aturan dua baris atas angka terbitan.",
    "No model has passed its test yet: this figure is from the two-line rule on published rates.",
)
CSV_COLUMNS: Final = (
    "rank",
    "unit_id",
    "placement_id",
    "placements",
    "band",
    "stage",
    "bodies",
    "area",
    "destination",
    "sector",
    "position",
    "agency_id",
    "employer_ref",
    "reason_1",
    "reason_2",
    "reason_3",
    "recorded_at",
    "list_id",
    "office",
    "as_of",
    "model_version",
    "data_origin",
)
REASON_COLUMNS: Final = ("reason_1", "reason_2", "reason_3")
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""A cell that begins so would be run by a spreadsheet; it gets an apostrophe in front."""
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel reads UTF-8 as Windows-1252."""


def score_answer(
    placement: PlacementIn, scored: Scored, scoring: LiveScoring, *, as_of: datetime, valid_for: timedelta
) -> Score:
    """Return what the caller of POST /v1/scores reads."""
    score, served = scored.score, scoring.served
    notice = UNSUPPORTED if not score.supported else PUBLISHED_RULE if served.is_published_rule else (None, None)
    return Score(
        placement_id=placement.placement_id,
        as_of=as_of,
        histories_as_of=scoring.histories.as_of,
        stage=scored.stage,
        risk=score.risk,
        low=score.low,
        high=score.high,
        band=score.band,
        supported=score.supported,
        notice_id=notice[0],
        notice_en=notice[1],
        reasons=reasons_as_data(scored.reasons),
        model_version=served.version,
        model_kind=served.model.kind,
        valid_until=as_of + valid_for,
        permitted_use=PermittedUse(),
        data_origin=worst_origin(placement.data_origin, scoring.histories.data_origin, served.data_origin),
    )


def list_answer(stored: StoredList, *, source_link: str | None) -> PriorityList:
    """Return a list without its design: bands, never arms."""
    rows = tuple(ListRow.model_validate(_row(row, source_link)) for row in stored.rows)
    return PriorityList.model_validate({**_head(stored.head), "notices": stored.head["notices"], "rows": rows})


def design_answer(stored: StoredList, *, source_link: str | None) -> ListDesign:
    """Return a list with seed, shares, arms and probabilities."""
    rows = tuple(DesignRow.model_validate(_row(row, source_link)) for row in stored.rows)
    return ListDesign.model_validate({**_head(stored.head), "rows": rows})


def head_answer(head: Row) -> ListHead:
    """Return what a list was made for."""
    return ListHead.model_validate(_head(head))


def list_csv(stored: StoredList, language: Language) -> str:
    """Return a list for a spreadsheet: `;` between cells, words in the reader's language, formulas disarmed."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in stored.rows:
        cells = {**stored.head, **_in_words(row, language)}
        writer.writerow([_cell(cells[name]) for name in CSV_COLUMNS])
    return BYTE_ORDER_MARK + buffer.getvalue()


def bodies(row: Row) -> tuple[str, ...]:
    """Return the codes of the bodies that can act on a row, the usual one first."""
    return tuple(str(row["competent_bodies"]).split(LIST_SEPARATOR)) if row["competent_bodies"] else ()


def placement_link(placement_id: str | None, source_link: str | None) -> str | None:
    """Return where the source system shows this placement; None where nobody said where."""
    if placement_id is None or source_link is None:
        return None
    return source_link.replace(PLACEMENT_ID_FIELD, quote(placement_id, safe=""))


def in_utc(moment: datetime) -> datetime:
    """Return a stored (naive) instant with its time zone."""
    return moment.replace(tzinfo=UTC)


def _head(head: Row) -> dict[str, Any]:
    return {**head, "created_at": in_utc(head["created_at"]), "as_of": in_utc(head["as_of"])}


def _row(row: Row, source_link: str | None) -> dict[str, Any]:
    table = vocabulary.table("bodies")
    return {
        **row,
        "recorded_at": in_utc(row["recorded_at"]) if row["recorded_at"] else None,
        "grave_complaint": row["mandatory_because"],
        "source_link": placement_link(row["placement_id"], source_link),
        "bodies": tuple(
            Body(code=code, label_id=table[code].label_id, label_en=table[code].label_en) for code in bodies(row)
        ),
    }


def _in_words(row: Row, language: Language) -> Mapping[str, Any]:
    said = [reason[f"text_{language}"] for reason in row["reasons"]]
    named = {
        column: vocabulary.label(table, row[column], language) if row[column] else None
        for column, table in (
            ("stage", "stages"),
            ("area", "areas"),
            ("destination", "destinations"),
            ("sector", "sectors"),
            ("position", "positions"),
        )
    }
    reasons = dict(zip(REASON_COLUMNS, [*said, None, None, None], strict=False))
    return {
        **row,
        **named,
        **reasons,
        "bodies": " / ".join(vocabulary.label("bodies", body, language) for body in bodies(row)),
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value.date().isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
