"""One HTTP call with a JSON body, and its answer; redirects are not followed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlsplit

SECONDS_MAX: Final = 60


@dataclass(frozen=True)
class Answer:
    """*body* is what the JSON was, None without any; header names are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]


class ShulkRefused(AssertionError):
    """A call was not answered as it had to be; *status* and *problem* (RFC 9457) say why."""

    def __init__(self, what: str, answer: Answer) -> None:
        self.status, self.problem, self.headers = answer.status, answer.body, answer.headers
        super().__init__(f"{what} was answered {answer.status}: {answer.body}")


def call(
    method: str,
    url: str,
    body: object = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Call *url* with *body* as JSON, in the name of whom *token* is of."""
    place = urlsplit(url)
    sent = {"Accept": "application/json", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json"
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    path = f"{place.path or '/'}{'?' + place.query if place.query else ''}"
    connection = HTTPConnection(place.hostname or "", place.port or 80, timeout=SECONDS_MAX)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        content = answer.read()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, _read(content, told), told)
    finally:
        connection.close()


def expect(status: int, method: str, url: str, body: object = None, **how: Any) -> Answer:
    """Call as ``call`` does, and raise ``ShulkRefused`` for any other *status*."""
    answer = call(method, url, body, **how)
    if answer.status != status:
        raise ShulkRefused(f"{method} {urlsplit(url).path}", answer)
    return answer


def _read(content: bytes, headers: Mapping[str, str]) -> Any:
    if "json" in headers.get("content-type", "") and content:
        return json.loads(content)
    return content.decode(errors="replace") or None
