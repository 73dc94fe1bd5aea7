"""The error bodies of the documented API, each with the HTTP status it travels under."""

import secrets
from collections.abc import Sequence
from typing import Final

from entrypoints.simulator.wire import JsonObject

HTTP_BAD_REQUEST: Final = 400
HTTP_UNAUTHORISED: Final = 401
HTTP_NOT_FOUND: Final = 404
HTTP_UNSUPPORTED_MEDIA: Final = 415

FieldComplaint = tuple[str, str]


class Refused(Exception):
    """The gateway says no; *body* is what the caller reads."""

    def __init__(self, status: int, body: JsonObject) -> None:
        self.status, self.body = status, body
        super().__init__(f"{status} {body.get('error_code')}")


def missing_fields(names: Sequence[str]) -> Refused:
    return Refused(
        HTTP_BAD_REQUEST,
        {
            "status": "Bad Request",
            "error_code": "Mandatory fields are missing",
            "error_message": f"Mandatory fields are missing: {', '.join(names)}",
            "error_info": {
                "developer_message": f"Send a value for {', '.join(names)}",
                "user_message": "Invalid input data",
                "code": "INVALID_INPUT",
                "fields": [{"field_name": name, "reason": "missing"} for name in names],
            },
        },
    )


def invalid_fields(complaints: Sequence[FieldComplaint]) -> Refused:
    told = "; ".join(f"{name}: {reason}" for name, reason in complaints)
    return bad_request(told, fields=complaints)


def bad_request(
    told: str, *, code: str = "INVALID_INPUT", fields: Sequence[FieldComplaint] = ()
) -> Refused:
    return Refused(
        HTTP_BAD_REQUEST,
        {
            "status": "ERROR",
            "error_code": "INVALID_REQUEST",
            "error_message": told,
            "status_id": -1,
            "error_info": {
                "category": "USER_ERROR",
                "request_id": request_id(),
                "developer_message": told,
                "user_message": "Invalid input data",
                "code": code,
                "fields": [{"field_name": name, "reason": reason} for name, reason in fields],
            },
        },
    )


def unknown_client_id() -> Refused:
    refused = bad_request(
        "No payment page is configured under this client id",
        fields=[("payment_page_client_id", "unknown")],
    )
    refused.body["error_code"] = "PAYMENT_PAGE_CLIENT_ID_NOT_FOUND"
    return refused


def unauthorised(why: str) -> Refused:
    return Refused(
        HTTP_UNAUTHORISED,
        {
            "status": "error",
            "error_code": "access_denied",
            "error_message": "The merchant id and the API key do not open this account",
            "error_info": {
                "category": "USER_ERROR",
                "request_id": request_id(),
                "developer_message": why,
                "user_message": "Unauthorized.",
                "code": "UNAUTHORIZED",
            },
        },
    )


def unknown_order() -> Refused:
    return Refused(
        HTTP_NOT_FOUND,
        {
            "status": "NOT_FOUND",
            "status_id": 40,
            "error_code": "order_not_found",
            "error_message": "Order not found",
            "error_info": {
                "code": "RESOURCE_NOT_FOUND",
                "category": "USER_ERROR",
                "user_message": "Order not found",
                "developer_message": "No such order",
                "request_id": request_id(),
                "fields": [],
            },
        },
    )


def refund_refused(error_code: str, code: str, told: str) -> Refused:
    """One of the documented refusals of a refund; *code* is the coarse word beside it (section 4.5)."""
    return Refused(
        HTTP_BAD_REQUEST,
        {
            "status": "error",
            "error_code": error_code,
            "error_message": told,
            "error_info": {
                "category": "USER_ERROR",
                "code": code,
                "user_message": told,
                "developer_message": told,
                "request_id": request_id(),
                "fields": [],
            },
        },
    )


def unsupported_media(wanted: str) -> Refused:
    return elsewhere(HTTP_UNSUPPORTED_MEDIA, f"Send this request as {wanted}")


def elsewhere(status: int, told: str) -> Refused:
    """A refusal that the documentation leaves open, in the shape of its neighbours."""
    return Refused(
        status,
        {
            "status": "error",
            "error_code": "INVALID_REQUEST",
            "error_message": told,
            "error_info": {
                "category": "USER_ERROR",
                "request_id": request_id(),
                "developer_message": told,
                "user_message": told,
                "code": "INVALID_ACTION",
                "fields": [],
            },
        },
    )


def request_id() -> str:
    return secrets.token_hex(16)
