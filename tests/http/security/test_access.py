"""Who may call what: every route says so, and nobody reaches what is another's."""

from collections.abc import Mapping
from typing import Any, Final

import pytest
from litestar.routes import HTTPRoute
from litestar.testing import AsyncTestClient

from domain.sign_in.server_key import SCOPES
from domain.staff.access import Permission
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem
from worlds.http_forms import routes

PUBLIC: Final = frozenset(
    {
        ("GET", "/"),
        ("GET", "/api/csrf"),
        ("GET", "/api/docs"),
        ("GET", "/api/docs/openapi.json"),
        ("GET", "/api/docs/{path:str}"),
        ("GET", "/api/payment/callback"),
        ("GET", "/check/{sha256:str}"),
        ("GET", "/console/sign-in"),
        ("GET", "/demo/sign-in"),
        ("GET", "/favicon.ico"),
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/problems/{slug:str}"),
        ("GET", "/result/{transaction_id:str}"),
        ("GET", "/static/{file_path:path}"),
        ("POST", "/api/payment/callback"),
        ("POST", "/api/payment/webhook"),
        ("POST", "/console/sign-in"),
        ("POST", "/demo/sign-in"),
        ("POST", "/language"),
        ("GET", "/sessions"),
        ("POST", "/session/end"),
        ("POST", "/session/exchange"),
        ("POST", "/sessions/end-others"),
        ("POST", "/sessions/{session:str}/end"),
    }
)
"""Routes that anybody may call, each on purpose: pages, health, sign-in, and the bank's own."""

PERMITTED: Final[Mapping[tuple[str, str], Permission]] = {
    ("POST", "/api/payment/quote"): Permission.PAY,
    ("POST", "/api/payment/initiate"): Permission.PAY,
    ("GET", "/api/payment/status/{transaction_id:str}"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/api/payment/history"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/api/payment/receipt/{transaction_id:str}"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/api/admin/courses"): Permission.SEE_CATALOGUE,
    ("GET", "/api/admin/courses/{course_id:str}"): Permission.SEE_CATALOGUE,
    ("GET", "/api/admin/discounts"): Permission.SEE_CATALOGUE,
    ("GET", "/api/admin/discounts/{code:str}"): Permission.SEE_CATALOGUE,
    ("GET", "/api/admin/payment/refunds/ended"): Permission.SEE_ALL_PAYMENTS,
    ("PUT", "/api/admin/courses/{course_id:str}"): Permission.WRITE_COURSES,
    ("PUT", "/api/admin/discounts/{code:str}"): Permission.WRITE_DISCOUNTS,
    ("POST", "/api/admin/payment/refund"): Permission.CREATE_REFUNDS,
    ("POST", "/api/admin/payment/refund/{refund_id:str}/approve"): Permission.APPROVE_REFUNDS,
    ("POST", "/api/admin/payment/refund/{refund_id:str}/reject"): Permission.APPROVE_REFUNDS,
    ("GET", "/api/admin/payment/refunds"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/disputes"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/payments/review"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/monitoring/metrics"): Permission.SEE_MONITORING,
    ("GET", "/api/admin/monitoring/health"): Permission.SEE_MONITORING,
    ("GET", "/api/admin/alerts"): Permission.SEE_MONITORING,
    ("GET", "/api/admin/webhooks"): Permission.SEE_WEBHOOKS,
    ("POST", "/api/admin/webhooks"): Permission.WRITE_WEBHOOKS,
    ("GET", "/api/admin/webhooks/{endpoint_id:str}/deliveries"): Permission.SEE_WEBHOOKS,
    ("POST", "/api/admin/webhooks/{endpoint_id:str}/enable"): Permission.WRITE_WEBHOOKS,
    ("POST", "/api/admin/webhooks/{endpoint_id:str}/disable"): Permission.WRITE_WEBHOOKS,
    ("POST", "/api/admin/webhooks/{endpoint_id:str}/remove"): Permission.WRITE_WEBHOOKS,
    ("POST", "/api/admin/webhooks/{endpoint_id:str}/replay"): Permission.WRITE_WEBHOOKS,
    ("POST", "/api/admin/webhooks/{endpoint_id:str}/rotate"): Permission.WRITE_WEBHOOKS,
    ("POST", "/api/admin/webhooks/{endpoint_id:str}/test"): Permission.WRITE_WEBHOOKS,
    ("GET", "/api/enrolments"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/api/admin/keys"): Permission.SEE_KEYS,
    ("POST", "/api/admin/keys"): Permission.WRITE_KEYS,
    ("POST", "/api/admin/keys/{key_id:str}/rotate"): Permission.WRITE_KEYS,
    ("POST", "/api/admin/keys/{key_id:str}/revoke"): Permission.WRITE_KEYS,
    ("GET", "/api/admin/privacy/{student_id:str}"): Permission.EXPORT_PERSONAL_DATA,
    ("GET", "/api/admin/privacy/{student_id:str}/erasure"): Permission.ERASE_PERSONAL_DATA,
    ("POST", "/api/admin/privacy/{student_id:str}/erase"): Permission.ERASE_PERSONAL_DATA,
    ("GET", "/api/admin/legal-holds"): Permission.HOLD_PAYMENTS,
    ("POST", "/api/admin/legal-holds/{transaction_id:str}"): Permission.HOLD_PAYMENTS,
    ("POST", "/api/admin/legal-holds/{transaction_id:str}/release"): Permission.HOLD_PAYMENTS,
    ("POST", "/api/admin/alerts/{alert_id:str}/acknowledge"): Permission.ANSWER_ALERTS,
    ("POST", "/api/admin/alerts/{alert_id:str}/silence"): Permission.ANSWER_ALERTS,
    ("GET", "/api/admin/dead-letters"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/dead-letters/{letter:int}"): Permission.SEE_ALL_PAYMENTS,
    ("POST", "/api/admin/dead-letters/{letter:int}/requeue"): Permission.CLOSE_DEAD_LETTERS,
    ("POST", "/api/admin/dead-letters/{letter:int}/close"): Permission.CLOSE_DEAD_LETTERS,
    ("GET", "/api/admin/refused-webhooks"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/refused-webhooks/{webhook:int}"): Permission.SEE_ALL_PAYMENTS,
    ("POST", "/api/admin/refused-webhooks/{webhook:int}/dismiss"): Permission.CLOSE_DEAD_LETTERS,
    ("GET", "/api/admin/discrepancies"): Permission.SEE_DISCREPANCIES,
    ("GET", "/api/admin/discrepancies/{discrepancy_id:str}"): Permission.SEE_DISCREPANCIES,
    ("GET", "/api/admin/reconciliation"): Permission.SEE_DISCREPANCIES,
    ("GET", "/api/admin/reconciliation/{run_id:str}"): Permission.SEE_DISCREPANCIES,
    ("GET", "/api/admin/reconciliation/{run_id:str}/export"): Permission.SEE_DISCREPANCIES,
    ("POST", "/api/admin/reconciliation/run"): Permission.RUN_RECONCILIATION,
    ("POST", "/api/admin/reconciliation/resolve"): Permission.RESOLVE_DISCREPANCIES,
    ("POST", "/api/admin/reconciliation/approve"): Permission.RESOLVE_DISCREPANCIES,
    ("POST", "/api/admin/reconciliation/reject"): Permission.RESOLVE_DISCREPANCIES,
    ("POST", "/api/admin/payments/{transaction_id:str}/resolve"): Permission.ASK_BANK,
    ("GET", "/api/admin/payment/status/{transaction_id:str}"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/gstr1/{period:str}"): Permission.EXPORT_RETURNS,
    ("POST", "/api/admin/settlement-files"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/api/admin/settlement-files"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/api/admin/settlement-files/{sha256:str}"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/api/admin/settlement-files/{sha256:str}/release"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/api/admin/settlement-files/{sha256:str}/take"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/api/admin/settlement-files/{sha256:str}/decline"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/api/admin/bank-statements"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/api/admin/bank-statements"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/api/payment/retry/{transaction_id:str}"): Permission.PAY,
    ("POST", "/api/payment/cancel/{transaction_id:str}"): Permission.PAY,
    ("POST", "/result/{transaction_id:str}/retry"): Permission.PAY,
    ("GET", "/api/admin/payments"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/admin/payments/{transaction_id:str}/proof"): Permission.MAKE_PROOFS,
    ("GET", "/console/reconciliation/{run_id:str}/events"): Permission.SEE_DISCREPANCIES,
    ("GET", "/console/discrepancies"): Permission.SEE_DISCREPANCIES,
    ("GET", "/console/discrepancies/{discrepancy_id:str}"): Permission.SEE_DISCREPANCIES,
    (
        "GET",
        "/console/discrepancies/{discrepancy_id:str}/resolve",
    ): Permission.RESOLVE_DISCREPANCIES,
    (
        "POST",
        "/console/discrepancies/{discrepancy_id:str}/resolve",
    ): Permission.RESOLVE_DISCREPANCIES,
    (
        "POST",
        "/console/discrepancies/{discrepancy_id:str}/resolve/check",
    ): Permission.RESOLVE_DISCREPANCIES,
    (
        "POST",
        "/console/discrepancies/{discrepancy_id:str}/decide",
    ): Permission.RESOLVE_DISCREPANCIES,
    ("GET", "/console/settlement-files"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/console/settlement-files"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/console/settlement-files/preview"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/console/settlement-files/{sha256:str}"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/console/settlement-files/{sha256:str}/release"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/console/settlement-files/{sha256:str}/reissue"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/console/settlement-files/{sha256:str}/reissue"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/console/bank-statements"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/console/bank-statements"): Permission.IMPORT_SETTLEMENTS,
    ("POST", "/console/bank-statements/preview"): Permission.IMPORT_SETTLEMENTS,
    ("GET", "/console/payments"): Permission.SEE_ALL_PAYMENTS,
    ("POST", "/payments/{transaction_id:str}/cancel"): Permission.PAY,
    ("GET", "/console/payments/{transaction_id:str}"): Permission.SEE_ALL_PAYMENTS,
    ("POST", "/console/payments/{transaction_id:str}/check"): Permission.ASK_BANK,
    ("GET", "/console/payments/{transaction_id:str}/refund"): Permission.CREATE_REFUNDS,
    ("POST", "/console/payments/{transaction_id:str}/refund"): Permission.CREATE_REFUNDS,
    ("POST", "/console/payments/{transaction_id:str}/refund/check"): Permission.CREATE_REFUNDS,
    ("GET", "/console/refunds"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/console/refunds/{refund_id:str}"): Permission.APPROVE_REFUNDS,
    ("POST", "/console/refunds/{refund_id:str}"): Permission.APPROVE_REFUNDS,
    ("GET", "/console/reviews"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/console/reviews/{transaction_id:str}/{reason:str}"): Permission.SEE_ALL_PAYMENTS,
    ("POST", "/console/reviews/{transaction_id:str}/{reason:str}"): Permission.ASK_BANK,
    ("GET", "/console/monitoring"): Permission.SEE_MONITORING,
    ("POST", "/console/monitoring/alerts/{alert_id:str}/acknowledge"): Permission.ANSWER_ALERTS,
    ("POST", "/console/monitoring/alerts/{alert_id:str}/silence"): Permission.ANSWER_ALERTS,
    ("GET", "/console/reconciliation"): Permission.SEE_DISCREPANCIES,
    ("POST", "/console/reconciliation"): Permission.RUN_RECONCILIATION,
    ("GET", "/console/reconciliation/{run_id:str}"): Permission.SEE_DISCREPANCIES,
    ("GET", "/api/admin/payment/config"): Permission.SEE_GATEWAY,
    ("PUT", "/api/admin/payment/config"): Permission.PROPOSE_GATEWAY,
    ("POST", "/api/admin/payment/config/{version:int}/approve"): Permission.APPROVE_GATEWAY,
    ("POST", "/api/admin/payment/config/{version:int}/reject"): Permission.APPROVE_GATEWAY,
    ("POST", "/api/admin/payment/config/{version:int}/end-old-secrets"): Permission.PROPOSE_GATEWAY,
    ("POST", "/api/admin/payment/test-connection"): Permission.TEST_CONNECTION,
    ("GET", "/api/admin/staff"): Permission.SEE_STAFF,
    ("POST", "/api/admin/staff"): Permission.WRITE_STAFF,
    ("POST", "/api/admin/staff/{staff_id:str}/roles"): Permission.WRITE_STAFF,
    ("POST", "/api/admin/staff/{staff_id:str}/suspend"): Permission.WRITE_STAFF,
    ("POST", "/api/admin/staff/{staff_id:str}/resume"): Permission.WRITE_STAFF,
    ("POST", "/api/admin/staff/{staff_id:str}/remove-app"): Permission.WRITE_STAFF,
    ("GET", "/api/admin/archive"): Permission.SEE_ARCHIVE,
    ("GET", "/api/admin/archive/{transaction_id:str}"): Permission.SEE_ARCHIVE,
    ("GET", "/api/admin/jobs"): Permission.SEE_JOBS,
    ("POST", "/api/admin/jobs/{job:str}/run"): Permission.RUN_JOBS,
    ("GET", "/console/dead-letters"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/console/dead-letters/{letter:int}"): Permission.SEE_ALL_PAYMENTS,
    ("POST", "/console/dead-letters/{letter:int}"): Permission.CLOSE_DEAD_LETTERS,
    ("POST", "/console/dead-letters/webhooks"): Permission.CLOSE_DEAD_LETTERS,
    ("GET", "/console/webhooks"): Permission.SEE_WEBHOOKS,
    ("POST", "/console/webhooks"): Permission.WRITE_WEBHOOKS,
    ("GET", "/console/webhooks/{endpoint_id:str}"): Permission.SEE_WEBHOOKS,
    ("POST", "/console/webhooks/{endpoint_id:str}"): Permission.WRITE_WEBHOOKS,
    ("GET", "/console/keys"): Permission.SEE_KEYS,
    ("POST", "/console/keys"): Permission.WRITE_KEYS,
    ("GET", "/console/keys/{key_id:str}"): Permission.SEE_KEYS,
    ("POST", "/console/keys/{key_id:str}/rotate"): Permission.WRITE_KEYS,
    ("POST", "/console/keys/{key_id:str}/revoke"): Permission.WRITE_KEYS,
    ("GET", "/console/privacy"): Permission.HOLD_PAYMENTS,
    ("POST", "/console/privacy/export"): Permission.EXPORT_PERSONAL_DATA,
    ("POST", "/console/privacy/erase"): Permission.ERASE_PERSONAL_DATA,
    ("POST", "/console/privacy/hold"): Permission.HOLD_PAYMENTS,
    ("POST", "/console/privacy/release"): Permission.HOLD_PAYMENTS,
    ("GET", "/console/courses"): Permission.SEE_CATALOGUE,
    ("GET", "/console/courses/course"): Permission.SEE_CATALOGUE,
    ("POST", "/console/courses/course"): Permission.WRITE_COURSES,
    ("GET", "/console/courses/import"): Permission.WRITE_COURSES,
    ("POST", "/console/courses/import"): Permission.WRITE_COURSES,
    ("GET", "/console/discounts"): Permission.SEE_CATALOGUE,
    ("GET", "/console/discounts/code"): Permission.SEE_CATALOGUE,
    ("POST", "/console/discounts/code"): Permission.WRITE_DISCOUNTS,
    ("GET", "/console/discounts/import"): Permission.WRITE_DISCOUNTS,
    ("POST", "/console/discounts/import"): Permission.WRITE_DISCOUNTS,
    ("POST", "/console/payments/{transaction_id:str}/student"): Permission.SEE_PERSONAL_DATA,
    ("GET", "/console/staff"): Permission.SEE_STAFF,
    ("GET", "/console/staff/new"): Permission.WRITE_STAFF,
    ("POST", "/console/staff/new"): Permission.WRITE_STAFF,
    ("GET", "/console/staff/member"): Permission.SEE_STAFF,
    ("POST", "/console/staff/member"): Permission.WRITE_STAFF,
    ("POST", "/console/staff/member/app"): Permission.WRITE_STAFF,
    ("GET", "/console/gateway"): Permission.SEE_GATEWAY,
    ("GET", "/console/gateway/change"): Permission.PROPOSE_GATEWAY,
    ("POST", "/console/gateway/change/check"): Permission.PROPOSE_GATEWAY,
    ("POST", "/console/gateway/change"): Permission.PROPOSE_GATEWAY,
    ("POST", "/console/gateway/test"): Permission.TEST_CONNECTION,
    ("POST", "/console/gateway/versions/{version:int}"): Permission.APPROVE_GATEWAY,
    (
        "POST",
        "/console/gateway/versions/{version:int}/end-old-secrets",
    ): Permission.PROPOSE_GATEWAY,
    ("GET", "/console/archive"): Permission.SEE_ARCHIVE,
    ("GET", "/console/jobs"): Permission.SEE_JOBS,
    ("POST", "/console/jobs/{job:str}/run"): Permission.RUN_JOBS,
    ("GET", "/console"): Permission.USE_CONSOLE,
    ("GET", "/console/{rest:path}"): Permission.USE_CONSOLE,
    ("GET", "/payments"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/payments/{transaction_id:str}"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/payments/{transaction_id:str}/events"): Permission.SEE_OWN_PAYMENTS,
    ("POST", "/payments/{transaction_id:str}/check"): Permission.SEE_OWN_PAYMENTS,
    ("GET", "/checkout/{course_id:str}"): Permission.PAY,
    ("POST", "/checkout/{course_id:str}"): Permission.PAY,
    ("POST", "/checkout/{course_id:str}/price"): Permission.PAY,
}
OR_ELSE: Final = {
    ("GET", "/api/payment/receipt/{transaction_id:str}"): Permission.SEE_ALL_PAYMENTS,
    ("GET", "/api/enrolments"): Permission.SEE_ENROLMENTS,
}
"""Routes that another permission opens as well."""

BY_KEY: Final = frozenset(
    {
        ("GET", "/api/admin/courses"),
        ("GET", "/api/admin/courses/{course_id:str}"),
        ("PUT", "/api/admin/courses/{course_id:str}"),
        ("GET", "/api/admin/discounts"),
        ("GET", "/api/admin/discounts/{code:str}"),
        ("PUT", "/api/admin/discounts/{code:str}"),
        ("GET", "/api/admin/disputes"),
        ("GET", "/api/admin/payment/refunds"),
        ("GET", "/api/admin/payment/refunds/ended"),
        ("GET", "/api/admin/payment/status/{transaction_id:str}"),
        ("GET", "/api/admin/payments"),
        ("GET", "/api/admin/payments/review"),
        ("GET", "/api/enrolments"),
        ("GET", "/api/payment/history"),
        ("GET", "/api/payment/receipt/{transaction_id:str}"),
        ("GET", "/api/payment/status/{transaction_id:str}"),
        ("POST", "/api/payment/cancel/{transaction_id:str}"),
        ("POST", "/api/payment/initiate"),
        ("POST", "/api/payment/quote"),
        ("POST", "/api/payment/retry/{transaction_id:str}"),
    }
)
"""Routes that a server key opens, each on purpose, by the permission that is its scope."""

COURSE: Final = {
    "title": "Geometry",
    "list_price": "1180.00",
    "price_mode": "inclusive",
    "sac": "999293",
    "gst_rate": "18",
}
ROUTES: Final[Mapping[str, tuple[str, str, Any]]] = {
    "status": ("GET", "/api/payment/status/{id}", None),
    "receipt": ("GET", "/api/payment/receipt/{id}", None),
    "quote": ("POST", "/api/payment/quote", CHECKOUT),
    "initiate": ("POST", "/api/payment/initiate", CHECKOUT),
    "history": ("GET", "/api/payment/history", None),
    "enrolments": ("GET", "/api/enrolments", None),
    "staff status": ("GET", "/api/admin/payment/status/{id}", None),
    "course": ("PUT", "/api/admin/courses/geometry", COURSE),
    "return": ("GET", "/api/admin/gstr1/2026-07", None),
    "discount": ("PUT", "/api/admin/discounts/MINE", {"kind": "flat", "amount": "10.00"}),
}
ASKERS: Final = ("owner", "stranger", "support", "finance", "admin", "auditor", "nobody")
ALLOWED: Final[Mapping[str, Mapping[str, int]]] = {
    "status": {"owner": 200, "stranger": 404},
    # Nothing is paid yet, so to whom it is shown there is none.
    "receipt": {
        "owner": 404,
        "stranger": 404,
        "support": 404,
        "finance": 404,
        "admin": 404,
        "auditor": 404,
    },
    "quote": {"owner": 200, "stranger": 200},
    "initiate": {"owner": 409, "stranger": 201},
    "history": {"owner": 200, "stranger": 200},
    "enrolments": {
        "owner": 200,
        "stranger": 200,
        "support": 200,
        "finance": 200,
        "admin": 200,
        "auditor": 200,
    },
    "staff status": {"support": 200, "finance": 200, "admin": 200, "auditor": 200},
    "course": {"admin": 204},
    "discount": {"admin": 204, "finance": 204},
    "return": {"admin": 200, "finance": 200},
}


def test_every_route_says_whose_it_is() -> None:
    """
    A new route fails the build until it names its permission or is put on the public list.
    """
    public, permitted, others = set(), {}, {}
    for method, path, handler in routes():
        if handler.opt.get("public"):
            public.add((method, path))
        else:
            permitted[method, path] = handler.opt.get("permission")
        if handler.opt.get("or_else"):
            others[method, path] = handler.opt["or_else"]

    assert public - PUBLIC == set()
    assert permitted == dict(PERMITTED)
    assert others == OR_ELSE


def test_every_route_that_server_keys_open_is_named() -> None:
    """
    Each by a permission that a key may have; no page, and no route that anybody may call.
    """
    opened = {
        (method, path): handler.opt
        for method, path, handler in routes()
        if handler.opt.get("server_keys")
    }

    assert set(opened) == BY_KEY
    for opt in opened.values():
        assert {opt["permission"], opt.get("or_else")} - {None} <= SCOPES
        assert not any(opt.get(each) for each in ("public", "console", "page"))


def test_every_route_that_takes_a_body_is_guarded() -> None:
    """
    What changes something either needs a form token with a cookie, or is exempt on purpose.
    """
    exempt = {
        path
        for method, path, handler in routes()
        if method != "GET" and handler.opt.get("from_elsewhere")
    }

    assert exempt == {"/api/payment/callback", "/api/payment/webhook", "/session/exchange"}


def test_a_handler_has_one_dependency_at_most() -> None:
    """
    More would make the framework run them in a task group for every request.
    """
    for _, path, handler in routes():
        assert set(handler.resolve_dependencies()) <= {"deps"}, path


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("route", list(ROUTES))
async def test_nobody_reaches_what_is_anothers(
    client: Client, world: HttpWorld, route: str, asker: str
) -> None:
    """
    Each route with each asker: the owner, another student, each other role, and nobody at all.
    """
    payment = await begun_payment(client, world.bearer("asha"))
    method, path, body = ROUTES[route]
    answer = await client.request(
        method, path.format(id=payment), json=body, headers=_headers(world, asker)
    )

    expected = ALLOWED[route].get(asker, 401 if asker == "nobody" else 403)
    assert answer.status_code == expected, answer.text
    if expected == 401:
        problem(answer, 401, "not-signed-in")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_stranger_cannot_tell_a_payment_from_none(client: Client, world: HttpWorld) -> None:
    """
    Another student's payment and no payment at all differ in nothing but the id that was asked for.
    """
    payment = await begun_payment(client, world.bearer("asha"))
    nothing = "SK" + "A" * 18
    answers = [
        await client.get(f"/api/payment/status/{each}", headers=world.bearer("ravi"))
        for each in (payment, nothing)
    ]
    theirs, none = [each.text.replace(each.json()["request_id"], "") for each in answers]

    assert theirs.replace(payment, nothing) == none


@pytest.mark.parametrize("asker", ["stranger", "support", "admin", "nobody"])
async def test_a_result_page_is_its_students_only(
    client: Client, world: HttpWorld, asker: str
) -> None:
    """
    The page tells a stranger, staff without a student's role, and nobody, nothing of a payment.
    """
    payment = await begun_payment(client, world.bearer("asha"))
    answer = await client.get(f"/result/{payment}", headers=_headers(world, asker))

    assert answer.status_code == {"stranger": 404, "nobody": 200}.get(asker, 403)
    assert "1,180" not in answer.text
    assert "algebra" not in answer.text


async def test_a_route_that_says_nothing_is_shut(world: HttpWorld) -> None:
    """
    Forgetting to say who may call a route opens it to nobody.
    """
    app = world.app()
    for route in app.routes:
        if isinstance(route, HTTPRoute) and route.path == "/health/live":
            for handler in route.route_handlers:
                handler.opt.pop("public", None)
    async with AsyncTestClient(app) as client:
        answer = await client.get("/health/live", headers=world.bearer("mira", "admin"))

    problem(answer, 403, "not-allowed")


def _headers(world: HttpWorld, asker: str) -> dict[str, str]:
    match asker:
        case "owner":
            return world.bearer("asha")
        case "stranger":
            return world.bearer("ravi")
        case "nobody":
            return {}
        case role:
            return world.bearer("mira", role)
