"""What do a request and its answer look like?

Invented placements that no register holds; OpenAPI shows them and the tests send them.
"""

from typing import Any, Final

PLACEMENT: Final[dict[str, Any]] = {
    "placement_id": "CONTOH-0017",
    "origin": "53.18",
    "destination": "MYS",
    "sector": "domestic",
    "position": "house_maid",
    "employer_type": "household",
    "scheme": "P_TO_P",
    "certification_level": 3,
    "certification_verified": False,
    "agency_id": "P3MI-0042",
    "wage_monthly_idr": 5_400_000,
    "fee_idr": 16_000_000,
    "contract_months": 24,
    "contract_signed_before_departure": True,
    "has_work_visa": True,
    "has_bpjs": True,
    "registered_on": "2026-01-05",
    "departed_on": "2026-02-20",
    "data_origin": "simulated",
}

REASON: Final[dict[str, Any]] = {
    "feature": "destination",
    "value": "MYS",
    "direction": "raises",
    "weight": 0.84,
    "text_id": "Negara tujuan Malaysia: menaikkan perkiraan risiko",
    "text_en": "Destination Malaysia: raises the estimated risk",
}

PERMITTED_USE: Final[dict[str, Any]] = {
    "allowed": ["visit", "call", "document_check", "support"],
    "never": ["refusal", "sanction", "debt", "publication_of_a_name"],
    "text_id": "Hanya untuk mengurutkan kunjungan dan dukungan; tidak pernah untuk menolak pekerja.",
    "text_en": "Only to order visits and support; never to refuse a worker.",
}

SCORE: Final[dict[str, Any]] = {
    "placement_id": "CONTOH-0017",
    "as_of": "2026-04-01T00:00:00Z",
    "histories_as_of": "2026-04-01T00:00:00Z",
    "stage": "during",
    "risk": 0.18,
    "low": 0.12,
    "high": 0.26,
    "band": "high",
    "supported": True,
    "notice_id": None,
    "notice_en": None,
    "reasons": [REASON],
    "model_version": "placement-risk-3",
    "model_kind": "scorecard",
    "valid_until": "2026-04-02T00:00:00Z",
    "permitted_use": PERMITTED_USE,
    "data_origin": "simulated",
    "receipt": {"receipt_id": "dpgmbnjkilhoemfckbnaojpilhkgmfne", "signature": "5b" * 64},
}

LIST_REQUEST: Final[dict[str, Any]] = {"capacity": 40, "office": "BP3MI-NTT", "unit": "placement", "seed": 20260401}

LIST_ROW: Final[dict[str, Any]] = {
    "rank": 1,
    "unit_id": "CONTOH-0017",
    "placement_id": "CONTOH-0017",
    "placements": 1,
    "stage": "during",
    "band": "high",
    "supported": True,
    "risk": 0.18,
    "low": 0.12,
    "high": 0.26,
    "bodies": [{"code": "mission", "label_id": "Atase ketenagakerjaan atau perwakilan RI", "label_en": "Mission"}],
    "origin": "53.18",
    "destination": "MYS",
    "sector": "domestic",
    "position": "house_maid",
    "agency_id": "P3MI-0042",
    "employer_ref": None,
    "recorded_at": "2026-03-01T00:00:00Z",
    "grave_complaint": None,
    "source_link": None,
    "reasons": [REASON],
    "places": [
        {"code": "53", "label_id": "Nusa Tenggara Timur", "label_en": "East Nusa Tenggara"},
        {"code": "53.18", "label_id": "Kabupaten Sumba Barat Daya", "label_en": "Southwest Sumba Regency"},
    ],
    "trip": 1,
    "waiting_days": 3,
    "flags": [
        {"kind": "band_changed", "at": "2026-04-03T02:00:00Z", "detail": {"before": "high", "after": "very_high"}}
    ],
    "status": "accepted",
    "version": 2,
    "office": "BP3MI-NTT",
    "handed_over": False,
    "inspector": "user:7f3kq9x2",
    "priority": None,
    "reason_code": None,
    "note": None,
    "deferred_until": None,
    "inspection_id": None,
}

PRIORITY_LIST: Final[dict[str, Any]] = {
    "list_id": "20260401-7f3kq9x2",
    "created_at": "2026-04-01T01:15:00Z",
    "as_of": "2026-04-01T00:00:00Z",
    "office": "BP3MI-NTT",
    "unit": "placement",
    "capacity": 40,
    "eligible": 812,
    "model_version": "placement-risk-3",
    "model_kind": "scorecard",
    "data_origin": "simulated",
    "state": "in_progress",
    "version": 3,
    "issued_at": "2026-04-01T01:20:00Z",
    "closed_at": None,
    "superseded_by": None,
    "notices": [
        {
            "code": "simulated",
            "text_id": "Data simulasi: bukan catatan orang sungguhan.",
            "text_en": "Simulated data: no record of a real person.",
        }
    ],
    "rows": [LIST_ROW],
}

LIST_HEAD: Final = {name: value for name, value in PRIORITY_LIST.items() if name not in ("notices", "rows")}

LISTS: Final[dict[str, Any]] = {"lists": [LIST_HEAD], "next": None}

LIST_DESIGN: Final[dict[str, Any]] = {
    **PRIORITY_LIST,
    "seed": 20260401,
    "random_share": 0.05,
    "coverage_share": 0.15,
    "price": [{"arm": "random", "visits": 2.0, "expected_harm": 0.1, "given_up": 0.3, "share": 0.02, "part_of": None}],
    "rows": [{**LIST_ROW, "arm": "risk", "inclusion_probability": 1.0}],
}

READY: Final[dict[str, Any]] = {
    "status": "ready",
    "model_version": "placement-risk-3",
    "model_kind": "scorecard",
    "data_as_of": "2026-04-01T00:00:00Z",
    "placements": 8430,
    "repairs": [],
}
