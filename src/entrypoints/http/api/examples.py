"""The examples of the OpenAPI description: one made-up payment through every operation."""

from typing import Any, Final

ID: Final = "SKABCDEFGH234567JKLM"
NEXT_ID: Final = "SKBCDEFGHI234567KLMN"
ASKED: Final = {
    "course_id": "python-foundations",
    "billing": {"name": "Asha", "state_code": "29"},
    "discount_code": "WELCOME10",
}
FINGERPRINT: Final = "9f2c" * 16
NOTICE_VERSION: Final = "5ac1" * 16
AGREED: Final = ASKED | {
    "expected_payable": "1062.00",
    "expected_quote": FINGERPRINT,
    "client_reference": "order-4711",
    "consent": NOTICE_VERSION,
    "currency": "INR",
}
AGREED_FOR_STUDENT: Final = AGREED | {"student": {"name": "Asha", "email": "asha@example.com"}}
BREAKDOWN: Final = {
    "list_price": "1180.00",
    "discount": "118.00",
    "taxable": "900.00",
    "cgst": "81.00",
    "sgst": "81.00",
    "igst": "0.00",
    "payable": "1062.00",
    "second_tax": "SGST",
    "place_of_supply": "29-Karnataka",
}
QUOTE: Final = {
    "course_id": "python-foundations",
    "title": "Python Foundations",
    "discount_code": "WELCOME10",
    "gst_rate": "18",
    "price_mode": "inclusive",
    "breakdown": BREAKDOWN,
    "fingerprint": FINGERPRINT,
    "privacy_notice": {
        "version": NOTICE_VERSION,
        "url": "https://learn.example.com/privacy-notice",
        "texts": {
            "en": "I agree to the use of my data that the privacy notice describes.",
            "hi": "गोपनीयता सूचना में बताए गए मेरे डेटा के उपयोग से मैं सहमत हूँ।",
        },
    },
    "currency": "INR",
}
INITIATED: Final = {
    "transaction_id": ID,
    "order_id": ID,
    "payment_url": "https://bank.example.com/pay/ordeh_1",
    "expires_at": "2026-04-01T10:15:00Z",
    "breakdown": BREAKDOWN,
    "client_reference": "order-4711",
    "currency": "INR",
}
RETRIED: Final = INITIATED | {
    "transaction_id": NEXT_ID,
    "order_id": NEXT_ID,
    "payment_url": "https://bank.example.com/pay/ordeh_2",
    "expires_at": "2026-04-01T10:35:00Z",
}
STATUS: Final = {
    "transaction_id": ID,
    "order_id": ID,
    "status": "success",
    "payable": "1062.00",
    "breakdown": {
        "list_price": "1180.00",
        "discount": "118.00",
        "discount_code": "NEW10",
        "taxable": "900.00",
        "cgst": "81.00",
        "sgst": "81.00",
        "igst": "0.00",
        "payable": "1062.00",
        "second_tax": "SGST",
        "gst_rate": "18",
    },
    "enrolled": True,
    "failure_reason": None,
    "needs_attention": False,
    "timeline": [
        {"at": "2026-04-01T10:00:00Z", "state": "pending", "source": "initiate"},
        {"at": "2026-04-01T10:02:30Z", "state": "success", "source": "webhook"},
    ],
    "course_id": "python-foundations",
    "course_title": "Python Foundations",
    "payment_url": None,
    "expires_at": "2026-04-01T10:15:00Z",
    "retry_until": None,
    "retry_of": None,
    "retried_as": None,
    "refunded": "0.00",
    "refunds": [
        {
            "refund_id": "RFABCDEFGH234567JKLM",
            "amount": "500.00",
            "status": "pending",
            "asked_at": "2026-04-03T09:00:00Z",
            "closed_at": None,
            "expected_on": "2026-04-14",
            "arn": None,
        }
    ],
    "invoice_number": "INV/2627/0000001",
    "credit_note_numbers": [],
    "client_reference": "order-4711",
    "currency": "INR",
}
CANCELLED: Final = STATUS | {
    "status": "failed",
    "enrolled": False,
    "failure_reason": "cancelled_by_student",
    "timeline": [
        {"at": "2026-04-01T10:00:00Z", "state": "pending", "source": "initiate"},
        {"at": "2026-04-01T10:02:30Z", "state": "failed", "source": "initiate"},
    ],
    "retry_until": "2026-04-02T10:00:00Z",
    "refunds": [],
    "invoice_number": None,
}
HISTORY: Final[dict[str, Any]] = {
    "items": [
        {
            "transaction_id": ID,
            "course_id": "python-foundations",
            "course_title": "Python Foundations",
            "status": "success",
            "list_price": "1180.00",
            "discount": "118.00",
            "payable": "1062.00",
            "opened_at": "2026-04-01T10:00:00Z",
            "closed_at": "2026-04-01T10:02:30Z",
            "failure_reason": None,
            "refunded": "0.00",
            "refunds": [],
            "invoice_number": "INV/2627/0000001",
            "client_reference": "order-4711",
            "currency": "INR",
        }
    ],
    "next": None,
}
FORM_TOKEN: Final = {"csrf_token": "5f0c" * 16}
COURSE: Final = {
    "id": "python-foundations",
    "title": "Python Foundations",
    "list_price": "1180.00",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
    "delivery": "online",
    "active": True,
    "currency": "INR",
}
DISCOUNT: Final = {
    "code": "WELCOME10",
    "kind": "percent",
    "percent": "10",
    "cap": "500.00",
    "valid_from": "2026-04-01",
    "valid_to": "2026-07-01",
    "total_limit": 100,
    "per_student_limit": 1,
    "active": True,
    "currency": "INR",
}
EVENT: Final = {
    "id": "evt_1",
    "event_name": "ORDER_SUCCEEDED",
    "content": {"order": {"order_id": ID, "status": "CHARGED", "status_id": 21}},
}
REFUND_ID: Final = "RFABCDEFGH234567JKLM"
REFUND_ASKED: Final = {
    "transaction_id": ID,
    "amount": "500.00",
    "reason": "Batch cancelled",
    "otp": "287082",
    "available_amount": "1062.00",
    "revoke_access": False,
}
REFUND: Final = {
    "refund_id": REFUND_ID,
    "transaction_id": ID,
    "amount": "500.00",
    "status": "requested",
    "reason": "Batch cancelled",
    "revoke_access": False,
    "requested_at": "2026-04-03T09:00:00Z",
    "currency": "INR",
}
DECISION: Final = {"otp": "287082"}
APPROVED: Final = {
    "refund_id": REFUND_ID,
    "transaction_id": ID,
    "amount": "500.00",
    "status": "pending",
    "decided_by": "staff:zoya",
    "decided_at": "2026-04-03T10:00:00Z",
    "currency": "INR",
}
REJECTED: Final = {**APPROVED, "status": "rejected"}
REFUNDS: Final = {
    "items": [
        {
            "refund_id": REFUND_ID,
            "transaction_id": ID,
            "student_id": "asha",
            "course_title": "Python Foundations",
            "amount": "500.00",
            "status": "awaiting_approval",
            "reason": "Batch cancelled",
            "revoke_access": False,
            "asked_by": "staff:farhan",
            "asked_at": "2026-04-03T09:00:00Z",
            "decided_by": None,
            "decided_at": None,
            "arn": None,
            "currency": "INR",
        }
    ],
    "next": None,
}
ENDED_REFUNDS: Final = {
    "items": [
        {
            "refund_id": REFUND_ID,
            "transaction_id": ID,
            "student_id": "asha",
            "course_title": "Python Foundations",
            "amount": "500.00",
            "status": "success",
            "reason": "Batch cancelled",
            "made_outside": False,
            "asked_by": "staff:farhan",
            "asked_at": "2026-04-03T09:00:00Z",
            "decided_by": "staff:mira",
            "decided_at": "2026-04-03T10:00:00Z",
            "closed_at": "2026-04-06T05:00:00Z",
            "arn": "74537604221222132710572",
            "currency": "INR",
        }
    ],
    "next": None,
}
COURSE_READ: Final = {**COURSE, "venue_state": None, "exempt": False}
DISCOUNT_READ: Final = {**DISCOUNT, "amount": None, "min_order": None, "courses": None}
COURSES: Final = {"items": [COURSE_READ], "more": False}
DISCOUNTS: Final = {"items": [DISCOUNT_READ], "more": False}
FOUND: Final = {
    "items": [
        {
            "transaction_id": ID,
            "student_id": "asha",
            "student_name": "Asha",
            "student_email": "a•••@example.com",
            "course_id": "python-foundations",
            "course_title": "Python Foundations",
            "status": "success",
            "payable": "1180.00",
            "refunded": "0.00",
            "refunding": "0.00",
            "method": "UPI",
            "failure_reason": None,
            "under_review": False,
            "opened_at": "2026-04-01T06:30:00Z",
            "closed_at": "2026-04-01T06:32:10Z",
            "client_reference": "order-4711",
            "currency": "INR",
        }
    ],
    "next": None,
    "first_day": "2026-03-27",
    "last_day": "2026-04-02",
}
DISPUTES: Final = {
    "items": [
        {
            "transaction_id": ID,
            "student_id": "asha",
            "course_title": "Python Foundations",
            "captured": "1180.00",
            "respond_by": "2026-04-08T09:00:00Z",
            "disputes": [
                {
                    "dispute_id": "cb-4711",
                    "amount": "1180.00",
                    "status": "evidence_required",
                    "reason": "10.4",
                    "opened_at": "2026-04-05T09:00:00Z",
                    "respond_by": "2026-04-08T09:00:00Z",
                    "unclear": None,
                    "closed_at": None,
                    "alerted_at": "2026-04-05T09:05:00Z",
                }
            ],
        }
    ],
    "next": None,
    "currency": "INR",
}
STAFF_STATUS: Final = {
    "transaction_id": ID,
    "student_id": "asha",
    "student_name": "Asha",
    "course_id": "python-foundations",
    "course_title": "Python Foundations",
    "status": "partially_refunded",
    "payable": "1062.00",
    "captured": "1062.00",
    "captured_currency": "INR",
    "refunded": "500.00",
    "refunding": "0.00",
    "refundable": "562.00",
    "opens_course": True,
    "attention": None,
    "review_reasons": [],
    "failure_reason": None,
    "bank_txn_id": "SK2510-SKQ4D7TUXFZ2M6PL3BNY-1",
    "bank_reference": "633012345678",
    "effective_amount": "1062.00",
    "surcharge": None,
    "offer": None,
    "opened_at": "2026-04-01T10:00:00Z",
    "closed_at": "2026-04-01T10:02:30Z",
    "refunds": [
        {
            "refund_id": REFUND_ID,
            "amount": "500.00",
            "status": "success",
            "reason": "Batch cancelled",
            "revoke_access": False,
            "made_outside": False,
            "asked_by": "staff:farhan",
            "asked_at": "2026-04-03T09:00:00Z",
            "decided_by": None,
            "decided_at": None,
            "closed_at": "2026-04-05T11:30:00Z",
            "expected_on": "2026-04-14",
            "bank_reference": "607117055512",
            "arn": "74332746095000123456789",
            "error": None,
        }
    ],
    "disputes": [],
    "client_reference": "order-4711",
    "consent": {
        "version": NOTICE_VERSION,
        "notice_url": "https://learn.example.com/privacy-notice",
        "at": "2026-04-01T10:00:00Z",
    },
    "currency": "INR",
}
REVIEWS: Final = {
    "items": [
        {
            "transaction_id": ID,
            "student_id": "asha",
            "course_title": "Python Foundations",
            "status": "success",
            "payable": "1062.00",
            "captured": "1062.00",
            "captured_currency": "INR",
            "refundable": "1062.00",
            "opened_at": "2026-04-01T10:00:00Z",
            "review_since": "2026-04-01T10:02:30Z",
            "reasons": [
                {
                    "reason": "paid_twice",
                    "since": "2026-04-01T10:02:30Z",
                    "owner": "finance",
                    "resolutions": ["read_again", "give_back", "accept"],
                }
            ],
            "currency": "INR",
        }
    ],
    "next": None,
}
RESOLUTION_ASKED: Final = {
    "review_reason": "paid_twice",
    "action": "give_back",
    "reason": "Paid by card and by UPI",
    "otp": "287082",
}
RESOLVED: Final = {
    "transaction_id": ID,
    "status": "success",
    "review_reasons": ["paid_twice"],
    "refund_id": REFUND_ID,
    "refund_status": "requested",
}

DISCREPANCY_ID: Final = "DCABCDEFGH234567JKLM"
DISCREPANCY: Final = {
    "id": DISCREPANCY_ID,
    "type": "amount_mismatch",
    "cause": "gross_differs",
    "subject": "payment",
    "ref": ID,
    "settlement": "SIM0001/2026-08-03",
    "difference": "-9.00",
    "in_suspense": "-9.00",
    "state": "open",
    "owner": "finance",
    "overdue": False,
    "first_found_at": "2026-08-03T20:30:00Z",
    "last_found_at": "2026-08-04T20:30:00Z",
    "times_found": 2,
    "due_at": "2026-08-05T20:30:00Z",
    "version": 2,
    "lawful": ["accept_bank", "claim", "wait_until", "write_off"],
}
DISCREPANCIES: Final = {"items": [DISCREPANCY], "next": None, "currency": "INR"}
DISCREPANCY_DETAIL: Final = DISCREPANCY | {
    "evidence": {"bank": "499000", "ours": "499900"},
    "lines": [{"file": "9f" * 32, "line": 4}],
    "rejected_lines": [],
    "entries": [ID],
    "closed_by": "",
    "left_to_a_person": "claim it, accept the bank's amount, or write it off",
    "resolutions": [],
    "timeline": [
        {"at": "2026-08-03T20:30:00Z", "what": "found", "by": "system", "note": ""},
        {
            "at": "2026-08-04T20:30:00Z",
            "what": "found again, 2 times in all",
            "by": "system",
            "note": "",
        },
    ],
    "currency": "INR",
}
RESOLUTIONS_ASKED: Final = {
    "ids": [DISCREPANCY_ID],
    "action": "write_off",
    "note": "The bank rounded; mail of 3 August",
    "version": 2,
}
RESOLUTION: Final = {
    "sequence": 1,
    "action": "write_off",
    "state": "in_force",
    "note": "The bank rounded; mail of 3 August",
    "amount": "9.00",
    "account": "writeoff",
    "payment_id": None,
    "until": None,
    "undoes": None,
    "decided_by": "staff:mira",
    "decided_at": "2026-08-05T09:00:00Z",
    "approved_by": None,
    "approved_at": None,
    "ended_by": None,
    "ended_at": None,
}
JOURNAL: Final = {
    "key": f"accepted/{DISCREPANCY_ID}/1",
    "day": "2026-08-05",
    "entries": [
        {"account": "writeoff", "amount": "9.00"},
        {"account": "suspense", "amount": "-9.00"},
    ],
}


def _outcome(then: str, journal: object, **resolution: object) -> dict[str, object]:
    outcome = {
        "id": DISCREPANCY_ID,
        "state": then,
        "version": 3,
        "resolution": RESOLUTION | resolution,
        "journal": journal,
        "problem": None,
    }
    return {"outcomes": [outcome], "currency": "INR"}


DISCREPANCIES_RESOLVED: Final = _outcome("resolved", JOURNAL)
APPROVAL_ASKED: Final = {"ids": [DISCREPANCY_ID], "version": 3}
DISCREPANCIES_APPROVED: Final = _outcome(
    "resolved", JOURNAL, approved_by="staff:noor", approved_at="2026-08-05T10:00:00Z"
)
DISCREPANCIES_REJECTED: Final = _outcome(
    "open", JOURNAL, state="rejected", ended_by="staff:noor", ended_at="2026-08-05T10:00:00Z"
)
