"""The mailbox in a browser and as JSON: what would have reached a student's inbox."""

import re
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, MediaType, Response, delete, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter

from entrypoints.mailbox.messages import Mailbox, Message

INDIA: Final = timezone(timedelta(hours=5, minutes=30), "IST")
FOLDER: Final = Path(__file__).with_name("templates")
SAFE: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
# The sender is unknown: HTML is shown without scripts, forms, foreign images or an origin of its own.
SAFE_MESSAGE: Final = SAFE | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox",
}

_PAGES: Final = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined
)
_STYLE: Final = (FOLDER / "style.css").read_text(encoding="utf-8")

MessageId = Annotated[str, Parameter(max_length=64)]


@get("/messages", sync_to_thread=False)
def list_messages(state: State) -> list[Message]:
    return list(_box(state))


@delete("/messages", sync_to_thread=False)
def empty_mailbox(state: State) -> None:
    _box(state).empty()


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def inbox_page(state: State) -> Response[str]:
    return _page("inbox.html", messages=list(_box(state))[::-1])


@get("/messages/{message_id:str}", media_type=MediaType.HTML, sync_to_thread=False)
def message_page(state: State, message_id: MessageId) -> Response[str]:
    return _page("message.html", message=_message(state, message_id))


@get("/messages/{message_id:str}/html", media_type=MediaType.HTML, sync_to_thread=False)
def message_html(state: State, message_id: MessageId) -> Response[str]:
    html = _message(state, message_id).html
    return Response(html, media_type=MediaType.HTML, headers=SAFE_MESSAGE)


@get("/messages/{message_id:str}/files/{number:int}", sync_to_thread=False)
def message_file(state: State, message_id: MessageId, number: int) -> Response[bytes]:
    found = _box(state).file(message_id, number)
    if found is None:
        raise NotFoundException("no such file")
    name, content = found
    # A PDF is shown in the browser; any other file is only offered as a download.
    pdf = name.lower().endswith(".pdf") and content.startswith(b"%PDF-")
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return Response(
        content,
        media_type="application/pdf" if pdf else "application/octet-stream",
        headers=SAFE
        | {"Content-Disposition": f'{"inline" if pdf else "attachment"}; filename="{plain}"'},
    )


@get("/style.css", media_type="text/css", sync_to_thread=False)
def style() -> Response[str]:
    return Response(_STYLE, media_type="text/css", headers=SAFE)


def mailbox_app(box: Mailbox) -> Litestar:
    """Return the application that shows what is in *box*."""
    return Litestar(
        [list_messages, empty_mailbox, inbox_page, message_page, message_html, message_file, style],
        state=State({"box": box}),
        openapi_config=None,
        logging_config=None,
    )


def _page(template: str, **values: object) -> Response[str]:
    text = _PAGES.get_template(template).render(india=INDIA, **values)
    return Response(text, media_type=MediaType.HTML, headers=SAFE)


def _message(state: State, message_id: str) -> Message:
    message = _box(state).get(message_id)
    if message is None:
        raise NotFoundException("no such message; it may have made room for newer ones")
    return message


def _box(state: State) -> Mailbox:
    box: Mailbox = state["box"]
    return box
