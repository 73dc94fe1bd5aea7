"""Examples of what the monitoring answers."""

from typing import Any, Final

FIGURES: Final[dict[str, Any]] = {
    "range": "24h",
    "since": "2026-08-02T12:30:00Z",
    "until": "2026-08-03T12:30:00Z",
    "complete_until": "2026-08-03T12:00:00Z",
    "outcomes": {
        "begun": 100,
        "paid": 80,
        "failed": 8,
        "abandoned": 12,
        "unstarted": 0,
        "recovered": 1,
        "free": 0,
    },
    "success_rate": {
        "paid": 80,
        "attempts": 88,
        "share": 0.909,
        "low": 0.831,
        "high": 0.953,
        "telling": True,
    },
    "amount": "95580.00",
    "average_seconds": 74.2,
    "p95_seconds": 161.9,
    "methods": [{"name": "UPI", "count": 81, "amount": "95580.00"}],
    "reasons": [{"name": "declined_by_bank", "count": 8, "amount": "9440.00"}],
    "gateway": [
        {
            "operation": "read_order",
            "calls": 240,
            "results": {"answered": 239, "silent": 1},
            "p95_seconds": 0.412,
        }
    ],
    "spans": [{"since": "2026-08-02T12:30:00Z", "begun": 4, "paid": 3, "failed": 1}],
    "currency": "INR",
}
SYSTEM: Final[dict[str, Any]] = {
    "status": "ready",
    "parts": {"database": "ok", "redis": "ok", "gateway": "ok"},
    "queues": [{"name": "outbox", "due": 2, "oldest_due_seconds": 1, "dead": 0}],
    "jobs": [
        {
            "name": "check_invariants",
            "every_seconds": 300,
            "last_run_at": "2026-08-03T12:00:00Z",
            "late": False,
        }
    ],
    "credentials": [
        {
            "name": "SHULK_API_KEY",
            "since": "2025-08-20T06:00:00Z",
            "ends_at": "2026-08-20T06:00:00Z",
            "days_left": 16,
            "ending": True,
        }
    ],
}
ALERT: Final[dict[str, Any]] = {
    "id": "ALABCDEFGH234567JKLM",
    "rule": "queue_stuck",
    "subject": "outbox",
    "state": "firing",
    "severity": "urgent",
    "since": "2026-08-03T12:00:00Z",
    "value": 740,
    "unit": "seconds",
    "sample": 0,
    "detail": "12 due",
    "means": "An entry of a work queue is due for more than five minutes, and nobody takes it.",
    "remedy": "Does a worker run, and does it reach the database?",
    "acknowledged_by": "",
    "note": "",
    "silenced_until": None,
    "silenced_by": "",
    "silence_reason": "",
}
SILENCED: Final[dict[str, Any]] = {
    "until": "2026-08-03T18:00:00+05:30",
    "reason": "The mail server moves until tonight.",
}
