"""What do the life of a list and a visit look like?"""

from typing import Any, Final

ASSIGN: Final[dict[str, Any]] = {"inspector": "user:7f3kq9x2"}
HAND_OVER: Final[dict[str, Any]] = {"office": "DISNAKER-53.18", "reason_code": "pindah_wilayah"}
DEFER: Final[dict[str, Any]] = {"until": "2026-04-20", "reason_code": "cuaca_transportasi"}
OVERRIDE: Final[dict[str, Any]] = {
    "direction": "up",
    "reason_code": "informasi_baru",
    "note": "Kepala desa melaporkan tiga pekerja lain dari P3MI yang sama.",
}
NOT_REACHED: Final[dict[str, Any]] = {"reason_code": "tidak_di_tempat"}
CLOSE: Final[dict[str, Any]] = {"reasons": [{"rank": 7, "reason_code": "masa_daftar_habis", "note": None}]}
ROW_STATE: Final[dict[str, Any]] = {
    "list_id": "20260401-7f3kq9x2",
    "rank": 1,
    "status": "accepted",
    "office": "BP3MI-NTT",
    "inspector": "user:7f3kq9x2",
    "priority": "raised",
    "reason_code": None,
    "note": None,
    "deferred_until": None,
    "inspection_id": None,
    "version": 3,
    "updated_at": "2026-04-02T01:15:00Z",
    "warnings": [],
}
ROW_HISTORY: Final[dict[str, Any]] = {
    "row": ROW_STATE,
    "actions": [
        {
            "action": "accept",
            "by": "user:7f3kq9x2",
            "at": "2026-04-02T01:10:00Z",
            "reason_code": None,
            "note": None,
            "detail": {
                "before": {
                    "status": "open",
                    "office": "BP3MI-NTT",
                    "inspector": None,
                    "priority": "raised",
                    "reason_code": None,
                    "note": None,
                    "deferred_until": None,
                    "inspection_id": None,
                }
            },
        }
    ],
}
COMPLETION: Final[dict[str, Any]] = {
    "list_id": "20260401-7f3kq9x2",
    "state": "in_progress",
    "by_arm": [
        {
            "arm": "risk",
            "stratum": None,
            "rows": 32,
            "visited": 20,
            "not_reached": 2,
            "deferred": 1,
            "dropped": 0,
            "waiting": 9,
            "completed": 0.625,
        }
    ],
    "by_stratum": [
        {
            "arm": "risk",
            "stratum": "MYS-domestic",
            "rows": 12,
            "visited": 9,
            "not_reached": 1,
            "deferred": 0,
            "dropped": 0,
            "waiting": 2,
            "completed": 0.75,
        }
    ],
    "decisions": {
        "decided": 24,
        "accepted_untouched": 20,
        "untouched_share": 0.833,
        "untouched_alarm": False,
        "raised": 2,
        "lowered": 1,
        "handed_over": 0,
        "hours_to_accept": 18.5,
    },
}
INSPECTION_IN: Final[dict[str, Any]] = {
    "list_id": "20260401-7f3kq9x2",
    "rank": 1,
    "outcome": "harm_found",
    "category": "gaji_tidak_dibayar",
    "severity": 2,
    "visited_at": "2026-04-02T01:00:00Z",
    "note": "Upah tiga bulan belum dibayar; bukti transfer diperiksa.",
}
INSPECTION: Final[dict[str, Any]] = {
    "inspection_id": "imbpakhhncojelba",
    "placement_id": "CONTOH-0017",
    "agency_id": None,
    "area": None,
    "list_id": "20260401-7f3kq9x2",
    "rank": 1,
    "visited_at": "2026-04-02T01:00:00Z",
    "outcome": "harm_found",
    "category": "gaji_tidak_dibayar",
    "severity": 2,
    "note": "Upah tiga bulan belum dibayar; bukti transfer diperiksa.",
    "inspector": "user:7f3kq9x2",
    "office": "BP3MI-NTT",
    "recorded_at": "2026-04-02T01:10:00Z",
    "replaced_by": None,
    "version": 1,
    "row_version": 4,
    "data_origin": "simulated",
}
INSPECTIONS: Final[dict[str, Any]] = {"inspections": [INSPECTION], "next": None}
