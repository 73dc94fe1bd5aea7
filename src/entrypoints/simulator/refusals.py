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


class ApiRefusal(Exception):
    """The gateway refuses a call; *body* is its answer."""

    def __init__(self, status: int, body: JsonObject) -> None:
        self.status, self.body = status, body
        super().__init__(f"{status} {body.get('error_code')}")


def missing_fields(names: Sequence[str]) -> ApiRefusal:
    return ApiRefusal(
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


def invalid_fields(complaints: Sequence[FieldComplaint]) -> ApiRefusal:
    message = "; ".join(f"{name}: {reason}" for name, reason in complaints)
    return bad_request(message, fields=complaints)


def bad_request(
    message: str, *, code: str = "INVALID_INPUT", fields: Sequence[FieldComplaint] = ()
) -> ApiRefusal:
    return ApiRefusal(
        HTTP_BAD_REQUEST,
        {
            "status": "ERROR",
            "error_code": "INVALID_REQUEST",
            "error_message": message,
            "status_id": -1,
            "error_info": {
                "category": "USER_ERROR",
                "request_id": request_id(),
                "developer_message": message,
                "user_message": "Invalid input data",
                "code": code,
                "fields": [{"field_name": name, "reason": reason} for name, reason in fields],
            },
        },
    )


def unknown_client_id() -> ApiRefusal:
    refused = bad_request(
        "No payment page is configured under this client id",
        fields=[("payment_page_client_id", "unknown")],
    )
    refused.body["error_code"] = "PAYMENT_PAGE_CLIENT_ID_NOT_FOUND"
    return refused


def unauthorised(why: str) -> ApiRefusal:
    return ApiRefusal(
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


def unknown_order() -> ApiRefusal:
    return ApiRefusal(
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


def refund_refused(error_code: str, code: str, message: str) -> ApiRefusal:
    """One of the documented refusals of a refund; *code* is the general word beside it (SmartGateway's refund API)."""
    return ApiRefusal(
        HTTP_BAD_REQUEST,
        {
            "status": "error",
            "error_code": error_code,
            "error_message": message,
            "error_info": {
                "category": "USER_ERROR",
                "code": code,
                "user_message": message,
                "developer_message": message,
                "request_id": request_id(),
                "fields": [],
            },
        },
    )


def unsupported_media(wanted: str) -> ApiRefusal:
    return undocumented_refusal(HTTP_UNSUPPORTED_MEDIA, f"Send this request as {wanted}")


def undocumented_refusal(status: int, message: str) -> ApiRefusal:
    """Return a refusal that is not documented, in the format of the documented ones."""
    return ApiRefusal(
        status,
        {
            "status": "error",
            "error_code": "INVALID_REQUEST",
            "error_message": message,
            "error_info": {
                "category": "USER_ERROR",
                "request_id": request_id(),
                "developer_message": message,
                "user_message": message,
                "code": "INVALID_ACTION",
                "fields": [],
            },
        },
    )


def request_id() -> str:
    return secrets.token_hex(16)
