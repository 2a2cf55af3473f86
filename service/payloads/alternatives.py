"""What is said of options near a draft placement?"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.payloads import examples
from service.payloads.answers import Band, PermittedUse
from service.payloads.requests import DataOrigin

ASSOCIATION: Final = (
    "Perbedaan ini berkaitan dengan penempatan serupa di masa lalu; bukan akibat yang dijanjikan bagi seseorang. "
    "Ini saran, tidak pernah alasan untuk menolak.",
    "The difference goes with similar placements of the past; it is no effect promised to anybody. "
    "It is advice, never a reason to refuse.",
)
VERIFY: Final = (
    "Sertifikat yang belum diverifikasi tidak mengubah apa pun. Memverifikasi: peristiwa certificate_verified "
    "(POST /v1/events), impor verifikasi, atau kunci dengan cakupan verify.",
    "A certificate that is not verified changes nothing. To verify one: the event certificate_verified "
    "(POST /v1/events), an import of verifications, or a key with the scope verify.",
)
CHANGE: Final[dict[str, Any]] = {
    "field": "employer_type",
    "before": "household",
    "after": "legal_entity",
    "text_id": "Jenis pemberi kerja: rumah tangga → badan hukum",
    "text_en": "Employer type: household → legal entity",
}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class ChangedField(_Answer):
    """One thing that would be otherwise; never a trait of the person, never the destination."""

    field: Literal["sector", "position", "employer_type", "scheme", "certification_level"]
    before: str | None
    after: str
    text_id: str
    text_en: str


class Difference(_Answer):
    """Risk of the option less risk of the draft, with its 90 % interval; all of it lies below 0."""

    risk: float
    low: float
    high: float


class Option(_Answer):
    """One option: what changes, its own risk, and the difference to the draft, all else equal."""

    changes: tuple[ChangedField, ...]
    risk: float
    low: float
    high: float
    band: Band
    difference: Difference
    seen: Annotated[int, Field(description="placements of this kind in the register, 10 or more, in steps of five")]


class Alternatives(_Answer):
    """Nearby options that go with less risk, the largest difference first; empty where none is sure enough."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "placement_id": "CONTOH-0017",
                    "risk": 0.18,
                    "low": 0.12,
                    "high": 0.26,
                    "band": "high",
                    "supported": True,
                    "options": [
                        {
                            "changes": [CHANGE],
                            "risk": 0.11,
                            "low": 0.07,
                            "high": 0.16,
                            "band": "medium",
                            "difference": {"risk": -0.07, "low": -0.1, "high": -0.03},
                            "seen": 410,
                        }
                    ],
                    "notice_id": None,
                    "notice_en": None,
                    "verify_id": VERIFY[0],
                    "verify_en": VERIFY[1],
                    "association_id": ASSOCIATION[0],
                    "association_en": ASSOCIATION[1],
                    "model_version": "placement-risk-3",
                    "permitted_use": examples.PERMITTED_USE,
                    "data_origin": "simulated",
                }
            ]
        }
    )

    placement_id: str
    risk: float | None
    low: float | None
    high: float | None
    band: Band
    supported: bool
    options: tuple[Option, ...]
    notice_id: str | None = Field(description="why there are no options, where that is so")
    notice_en: str | None
    verify_id: str | None = Field(description="how a certificate is verified, where the draft names one that is not")
    verify_en: str | None
    association_id: str = ASSOCIATION[0]
    association_en: str = ASSOCIATION[1]
    model_version: str
    permitted_use: PermittedUse
    data_origin: DataOrigin
