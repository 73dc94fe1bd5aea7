"""The examples of the runs of the reconciliation: one that was asked for, and one that has ended."""

from typing import Any, Final

from entrypoints.http.api.examples import DISCREPANCIES
from entrypoints.http.api.settlement_examples import SHA256

ASKED: Final = {"first": "2026-08-03", "last": "2026-08-04"}
REQUESTED: Final[dict[str, Any]] = {
    "id": "RCABCDEFGH234567JKLM",
    "first": "2026-08-03",
    "last": "2026-08-04",
    "state": "requested",
    "trigger": "button",
    "requested_at": "2026-08-05T09:00:00Z",
    "requested_by": "staff:mira",
    "as_of": None,
    "ended_at": None,
    "why": "",
    "matched": None,
    "discrepancies": None,
}
ENDED: Final = REQUESTED | {
    "state": "complete",
    "as_of": "2026-08-05T09:00:20Z",
    "ended_at": "2026-08-05T09:00:21Z",
    "matched": 5,
    "discrepancies": 1,
}
RUNS: Final = {"items": [ENDED], "next": None}
RUN: Final = ENDED | {
    "totals": {
        "matched": 5,
        "matched_amount": "21559.50",
        "late": 0,
        "expected": 2,
        "expected_amount": "9998.00",
        "overdue": 0,
        "discrepancies": 1,
        "healed": 0,
        "reads": 0,
        "received": "26549.50",
        "refunded": "-500.00",
        "fees": "0.00",
        "taxes": "0.00",
        "net": "26049.50",
        "credited": "26049.50",
    },
    "counts": {
        "types": {"amount_mismatch": 1},
        "causes": {"gross_differs": 1},
        "credits": {"matched": 1},
        "payouts": {"credited": 1},
    },
    "files": [{"sha256": SHA256, "settlement": "SIM0001/2026-08-03", "posted": True}],
    "awaited": [],
    "calendar": "maharashtra-2026",
    "found": DISCREPANCIES,
    "currency": "INR",
}
