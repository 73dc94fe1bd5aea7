"""Translate the order API's JSON answers into the gateway's other formats, XML and form."""

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

ROOT: Final = "response"
ITEM: Final = "item"
NOT_THE_API: Final = ("/_control", "/v4/")
CARRIAGE_RETURN: Final = {"\r": "&#13;"}


class ResponseFormat(StrEnum):
    JSON = "json"
    XML = "xml"
    FORM = "form"


def in_xml(value: object) -> bytes:
    """
    Return *value* as one element: lists say ``type="array"``, null says ``nil="true"``.

    An empty object is left out, since an empty element is an empty text.
    """
    written = "".join(_elements(ROOT, value)) or f"<{ROOT}/>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}'.encode()


def in_form(value: object) -> bytes:
    """Return *value* as a form with brackets in names; nulls and empty values are left out."""
    return urlencode(list(_pairs("", value))).encode()


WRITERS: Final[Mapping[ResponseFormat, tuple[str, Callable[[object], bytes]]]] = {
    ResponseFormat.XML: ("application/xml", in_xml),
    ResponseFormat.FORM: ("application/x-www-form-urlencoded", in_form),
}


def translated(response_format: ResponseFormat, body: bytes) -> tuple[str, bytes]:
    """Return the media type and the text of a JSON *body* in *response_format*; numbers keep their digits."""
    media, write = WRITERS[response_format]
    return media, write(json.loads(body, parse_float=str, parse_int=str))


def translate_answers(response_format: ResponseFormat) -> Callable[[ASGIApp], ASGIApp]:
    """Return a middleware that translates each JSON answer of the order API into *response_format*."""

    def around(app: ASGIApp) -> ASGIApp:
        async def with_translation(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP or scope["path"].startswith(NOT_THE_API):
                await app(scope, receive, send)
                return
            head: list[Message] = []
            whole = bytearray()

            async def translate(message: Message) -> None:
                if message["type"] == "http.response.start":
                    head.append(message)
                    return
                if message["type"] != "http.response.body":
                    await send(message)
                    return
                whole.extend(message["body"])
                if message["more_body"]:
                    return
                start, body = head.pop(), bytes(whole)
                headers = MutableScopeHeaders.from_message(start)
                if headers.get("content-type", "").startswith("application/json"):
                    headers["content-type"], body = translated(response_format, body)
                    headers["content-length"] = str(len(body))
                await send(start)
                await send({"type": "http.response.body", "body": body, "more_body": False})

            await app(scope, receive, translate)

        return with_translation

    return around


def _elements(name: str, value: object) -> Iterator[str]:
    match value:
        case None:
            yield f'<{name} nil="true"/>'
        case list():
            yield f'<{name} type="array">'
            for each in value:
                yield from _elements(ITEM, each)
            yield f"</{name}>"
        case dict():
            if inner := "".join(_members(value)):
                yield f"<{name}>{inner}</{name}>"
        case _:
            yield f"<{name}>{escape(_text(value), CARRIAGE_RETURN)}</{name}>"


def _members(value: Mapping[str, object]) -> Iterator[str]:
    for name, each in value.items():
        yield from _elements(name, each)


def _pairs(name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case list():
            for number, each in enumerate(value):
                yield from _pairs(f"{name}[{number}]", each)
        case dict():
            for inner, each in value.items():
                yield from _pairs(f"{name}[{inner}]" if name else inner, each)
        case _:
            yield name, _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
