"""The examples of the settlement API: one file of UPI, and the statement that shows its credit."""

from typing import Any, Final

SHA256: Final = "3f2a" * 16
SETTLEMENT: Final = {
    "settlement": "SIM0001/2026-11-13",
    "mid": "SIM0001",
    "settled_on": "2026-11-13",
    "utr": None,
    "lines": 6,
    "credits": "26558.50",
    "debits": "500.00",
    "fee": "0.00",
    "tax": "0.00",
    "reported_net": "26058.50",
    "state": "live",
    "reported": None,
    "net": "26058.50",
}
FILE: Final[dict[str, Any]] = {
    "sha256": SHA256,
    "name": "mpr-2026-11-13.csv",
    "state": "imported",
    "origin": "upload",
    "received_at": "2026-11-13T12:00:00Z",
    "received_by": "staff:mira",
    "preset": "hdfc_upi_mpr",
    "preset_version": 1,
    "lines": 6,
    "rejected": 0,
    "skipped": 1,
    "warnings": {},
    "held_for": [],
    "refusal": None,
    "refusal_line": None,
    "released_by": None,
    "released_why": None,
    "settlements": [SETTLEMENT],
    "line_list": [],
    "rejected_list": [],
    "currency": "INR",
}
FILES: Final = {"items": [FILE], "next": None}
FILE_FORM: Final = {"file": "the bytes of mpr-2026-11-13.csv", "preset": None, "mid": "SIM0001"}
RELEASE: Final = {"reason": "The bank confirmed the row by email"}
REISSUE: Final = {
    "settlement": "SIM0001/2026-11-13",
    "reason": "The bank corrected one amount",
}
STATEMENT_FORM: Final = {
    "file": "the bytes of statement.csv",
    "preset": None,
    "account": "50200000000001",
}
STATEMENTS: Final = {
    "sha256": SHA256,
    "name": "statement.csv",
    "taken": True,
    "statements": [
        {
            "place": 1,
            "account": "50200000000001",
            "first_day": "2026-11-12",
            "last_day": "2026-11-13",
            "opening": "100000.00",
            "closing": "273744.60",
            "entries": 5,
            "new_entries": 5,
            "held_for": [],
        }
    ],
    "currency": "INR",
}
STATEMENT_PAGE: Final = {
    "items": [
        {
            "sha256": SHA256,
            "name": "statement.csv",
            "received_at": "2026-11-14T04:30:00Z",
            "received_by": "staff:mira",
            "place": 1,
            "account": "50200000000001",
            "first_day": "2026-11-12",
            "last_day": "2026-11-13",
            "opening": "100000.00",
            "closing": "273744.60",
            "entries": 5,
            "new_entries": 5,
            "held_for": [],
        }
    ],
    "next": None,
    "currency": "INR",
}
