"""Which tables does a data set consist of, with which columns, and what may stand in them?

Said as plain data, so that who only needs a name loads no library of tables; `schema` holds tables to it.
Column meanings: dates are naive UTC, null means "not recorded" and never "no".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TEXT: Final = "str"
DATE: Final = "datetime64[us]"
FLAG: Final = "boolean"
WHOLE: Final = "Int64"
NUMBER: Final = "float64"

EVENT_TYPES: Final = (
    "status_change",
    "contact",
    "missed_contact",
    "complaint",
    "employer_change",
    "contract_extension",
    "certificate_verified",
    "repatriation",
    "deportation",
    "interception",
    "death",
)
ARMS: Final = ("mandatory", "risk", "coverage", "random", "outside_list")
VISIT_OUTCOMES: Final = ("harm_found", "no_harm_found", "not_reached", "deferred")
DATA_ORIGINS: Final = ("simulated", "real")
AREA_CODE: Final = r"^\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?$"
HIGHEST_CERTIFICATION_LEVEL: Final = 6
HIGHEST_SEVERITY: Final = 3


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it may be null, and what its values may be; None and "" leave that open.

    `one_of` lists the values, `codes_of` names the vocabulary table that does; `lowest` is excluded where
    `above_lowest`.
    """

    dtype: str
    required: bool = False
    one_of: tuple[str, ...] = ()
    codes_of: str = ""
    pattern: str = ""
    lowest: int | None = None
    highest: int | None = None
    above_lowest: bool = False


PLACEMENTS: Final[Mapping[str, Column]] = {
    "placement_id": Column(TEXT, required=True),
    "worker_ref": Column(TEXT),
    "origin": Column(TEXT, required=True, pattern=AREA_CODE),
    "service_office": Column(TEXT),
    "destination": Column(TEXT, required=True, codes_of="destinations"),
    "sector": Column(TEXT, required=True, codes_of="sectors"),
    "position": Column(TEXT, codes_of="positions"),
    "employer_type": Column(TEXT, required=True, codes_of="employer_types"),
    "scheme": Column(TEXT, required=True, codes_of="schemes"),
    "certification_level": Column(WHOLE, lowest=0, highest=HIGHEST_CERTIFICATION_LEVEL),
    "certification_verified": Column(FLAG),
    "language_certificate": Column(FLAG),
    "agency_id": Column(TEXT),
    "overseas_agency_id": Column(TEXT),
    "employer_ref": Column(TEXT),
    "wage_monthly_idr": Column(NUMBER, lowest=0),
    "fee_idr": Column(NUMBER, lowest=0),
    "contract_months": Column(WHOLE, lowest=0),
    "contract_signed_before_departure": Column(FLAG),
    "has_work_visa": Column(FLAG),
    "has_bpjs": Column(FLAG),
    "has_health_certificate": Column(FLAG),
    "attended_opp": Column(FLAG),
    "prior_placements": Column(WHOLE, lowest=0),
    "sex": Column(TEXT),
    "birth_year": Column(WHOLE),
    "education": Column(TEXT),
    "marital_status": Column(TEXT),
    "registered_on": Column(DATE),
    "departed_on": Column(DATE),
    "contract_end_on": Column(DATE),
    "returned_on": Column(DATE),
    "recorded_at": Column(DATE, required=True),
    "data_origin": Column(TEXT, required=True, one_of=DATA_ORIGINS),
}
"""One row per placement and version."""

EVENTS: Final[Mapping[str, Column]] = {
    "event_id": Column(TEXT, required=True),
    "placement_id": Column(TEXT),
    "area": Column(TEXT),
    "type": Column(TEXT, required=True, one_of=EVENT_TYPES),
    "category": Column(TEXT),  # ingest maps to codes; a code of another system is no reason to refuse a table
    "procedural": Column(FLAG),
    "occurred_at": Column(DATE),
    "recorded_at": Column(DATE, required=True),
    "source": Column(TEXT),
    "data_origin": Column(TEXT, required=True, one_of=DATA_ORIGINS),
}
"""One row per thing that happened to a placement or in an area."""

INSPECTIONS: Final[Mapping[str, Column]] = {
    "inspection_id": Column(TEXT, required=True),
    "placement_id": Column(TEXT),
    "agency_id": Column(TEXT),
    "area": Column(TEXT),
    "list_id": Column(TEXT),
    "arm": Column(TEXT, required=True, one_of=ARMS),
    "inclusion_probability": Column(NUMBER, lowest=0, highest=1, above_lowest=True),
    "visited_at": Column(DATE, required=True),
    "outcome": Column(TEXT, required=True, one_of=VISIT_OUTCOMES),
    "category": Column(TEXT),
    "severity": Column(WHOLE, lowest=0, highest=HIGHEST_SEVERITY),
    "inspector_ref": Column(TEXT),
    "recorded_at": Column(DATE, required=True),
    "data_origin": Column(TEXT, required=True, one_of=DATA_ORIGINS),
}
"""One row per visit; `inclusion_probability` is null where no list with known probabilities led to it."""

TRUTH: Final[Mapping[str, Column]] = {
    "placement_id": Column(TEXT, required=True),
    "as_of": Column(DATE, required=True),
    "true_risk": Column(NUMBER, required=True, lowest=0, highest=1),
    "harm": Column(FLAG, required=True),
    "harm_at": Column(DATE),
    "category": Column(TEXT),
    "severity": Column(WHOLE),
}
"""What only a simulator knows; read by evaluation alone."""

TABLES: Final[Mapping[str, Mapping[str, Column]]] = {
    "placements": PLACEMENTS,
    "events": EVENTS,
    "inspections": INSPECTIONS,
    "truth": TRUTH,
}


def columns(name: str) -> list[str]:
    """Return the columns of table `name` in the order they are written."""
    return list(TABLES[name])
