"""What do requests about a person and their answers look like? Invented; no register holds them."""

from typing import Any, Final

from service.payloads.examples import PERMITTED_USE, REASON

WORKER_REF: Final = "7d1c0a5e9f4b2c83"
REQUEST_ID: Final = "wr-20260401-4kq0z7m2"

CORRECTION: Final[dict[str, Any]] = {
    "placement_id": "CONTOH-0017",
    "field": "wage_monthly_idr",
    "value": 6_200_000,
    "source": "document",
}
CORRECTED: Final[dict[str, Any]] = {
    "request_id": REQUEST_ID,
    "placement_id": "CONTOH-0017",
    "field": "wage_monthly_idr",
    "before": 5_400_000,
    "after": 6_200_000,
    "changed": True,
    "score_before": {"band": "high", "risk": 0.18},
    "score_after": {"band": "medium", "risk": 0.11},
    "lists": [{"list_id": "20260401-7f3kq9x2", "rank": 4}],
}
OBJECTION: Final[dict[str, Any]] = {"placement_id": "CONTOH-0017", "reason": "data_wrong"}
OBJECTED: Final[dict[str, Any]] = {
    "request_id": REQUEST_ID,
    "placement_id": "CONTOH-0017",
    "state": "open",
    "lists": [{"list_id": "20260401-7f3kq9x2", "rank": 4}],
    "note_id": "Ada keberatan: nilai ini tidak dipakai untuk mengurutkan; petugas yang memutuskan.",
    "note_en": "There is an objection: this score orders nothing; an officer decides.",
}
DECISION: Final[dict[str, Any]] = {"outcome": "dismissed", "reason": "facts_confirmed"}
ERASED: Final[dict[str, Any]] = {
    "request_id": REQUEST_ID,
    "placements": 1,
    "receipts": 3,
    "notes": 2,
    "events": 1,
    "answers": 0,
    "requests": 1,
    "kept_id": "Tersisa catatan penempatan tanpa tautan ke orangnya.",
    "kept_en": "What stays are records of placements without a link to the person.",
}
SCORE: Final[dict[str, Any]] = {
    "as_of": "2026-04-01T00:00:00Z",
    "stage": "during",
    "risk": 0.18,
    "low": 0.12,
    "high": 0.26,
    "band": "high",
    "supported": True,
    "model_version": "placement-risk-3",
    "orders": True,
    "note_id": None,
    "note_en": None,
    "reasons": [REASON],
}
RECORD: Final[dict[str, Any]] = {
    "worker_ref": WORKER_REF,
    "made_at": "2026-04-02T03:00:00Z",
    "data_origin": "simulated",
    "placements": [
        {
            "placement_id": "CONTOH-0017",
            "in_register": True,
            "facts": [
                {
                    "field": "destination",
                    "label_id": "Negara tujuan",
                    "label_en": "Destination",
                    "value": "MYS",
                    "value_id": "Malaysia",
                    "value_en": "Malaysia",
                }
            ],
            "versions": [{"recorded_at": "2026-01-06T00:00:00Z", "told_by": None, "facts": {"destination": "MYS"}}],
            "events": [],
            "visits": [],
            "score": SCORE,
            "bands": [],
            "receipts": [],
            "lists": [],
        }
    ],
    "requests": [],
    "permitted_use": PERMITTED_USE,
    "not_shown_id": "Catatan bebas petugas dan nama petugas tidak ditampilkan.",
    "not_shown_en": "Free notes of officers and their names are not shown.",
    "rights_id": "Anda dapat meminta koreksi.",
    "rights_en": "You may ask for a correction.",
}
EXPLANATION: Final[dict[str, Any]] = {
    "placement_id": "CONTOH-0017",
    "as_of": "2026-04-01T00:00:00Z",
    "histories_as_of": "2026-04-01T00:00:00Z",
    "stage": "during",
    "band": "high",
    "supported": True,
    "risk": 0.18,
    "low": 0.12,
    "high": 0.26,
    "intercept": -2.1,
    "inputs": [{"name": "destination", "value": "MYS", "value_id": "Malaysia", "value_en": "Malaysia"}],
    "reasons": [REASON],
    "withheld": [],
    "model_version": "placement-risk-3",
    "model_kind": "scorecard",
    "permitted_use": PERMITTED_USE,
    "correct_id": "Salah? Kirim data yang benar dengan PUT /v1/placements/CONTOH-0017.",
    "correct_en": "Wrong? Send what is right with PUT /v1/placements/CONTOH-0017.",
    "data_origin": "simulated",
}
