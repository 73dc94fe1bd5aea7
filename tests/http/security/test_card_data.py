"""No way in for card data: every text that the interface, a form or a path takes, against card numbers."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote

import pytest
from httpx import Response

from contracts.monitoring.alerts_register_contract import CALM, SILENCED
from contracts.reconciliation.discrepancies_contract import a_discrepancy
from domain.monitoring.alert_case import AlertState
from domain.staff.access import Role
from entrypoints.http.api.settlements import file_name
from worlds.http import Client, HttpWorld, begun_payment, into_console
from worlds.http_forms import addressed, names_in_forms, pages
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

METHODS: Final = ("get", "post", "put", "delete", "patch")
NO_TEXT: Final = frozenset({"enum", "const"})
ON_EVERY_ROUTE: Final = frozenset({"Shulk-Version", "Accept-Language"})
"""Headers whose few values are known; anything else is refused or passed over."""

MATRIX: Final[Mapping[str, str]] = tomllib.loads(
    Path(__file__).with_name("card_entrances.toml").read_text(encoding="utf-8")
)["entrances"]
"""Each text that a program can send, and how a card number in it is answered: a problem, or a status."""

REFUSED: Final = "card-number-refused"
OF_A_CARD: Final = ("cvv", "card_expiry", "cardNumber", "pin")
EXCHANGE: Final = "/session/exchange"
SELDOM: Final = frozenset({"/api/admin/payment/config", "/api/admin/payment/test-connection"})
"""Operations with a narrow budget, and of which one waits for the other."""

STAFF: Final = (Role.FINANCE, Role.ADMIN)
FIRING: Final = replace(
    SILENCED,
    state=AlertState.FIRING,
    acknowledged_by="",
    note="",
    silenced_until=None,
    silenced_by="",
    silence_reason="",
    version=1,
)
HARMLESS: Final = (
    "RRN 123456789012, ARN 74111111111111111111118, 27AAPFU0939F1ZV, +91 98765 43210, 11800.00"
)
"""Numbers of the trade that are no card numbers."""

CARD: Final = "4012888888881881"
SPELLINGS: Final = (CARD, "my card: 4012 8888-8888.1881, thanks", "४०१२८८८८८८८८१८८१")


@dataclass(frozen=True, slots=True)
class Entrance:
    """One text that an operation takes: where it stands, and what it is called there."""

    method: str
    path: str
    place: str
    name: str

    @classmethod
    def of(cls, line: str) -> Self:
        """Return the entrance that *line* of the matrix names."""
        method, path, place, name = line.split(" ", 3)
        return cls(method.lower(), path, place, name)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path} {self.place} {self.name}"

    def is_named_by(self, answer: Response) -> bool:
        """Whether the problem that *answer* is says that the card number stands here, and nowhere else."""
        told = {
            (each.get("pointer"), each.get("parameter")) for each in problem_in(answer)["errors"]
        }
        if self.place == "query":
            return told == {(None, self.name)}
        return told == {(self.name.removesuffix("/0"), None)}


@cache
def description() -> dict[str, Any]:
    app = laid_out(settings_with())
    found: dict[str, Any] = app.openapi_schema.to_schema()
    return found


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        _, group, kind, name = schema["$ref"].split("/")
        schema = description()[group][kind][name]
    return schema


def texts_of(schema: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the pointer of each text in *schema* that is free of a list of values."""
    schema = resolved(schema)
    for group in ("oneOf", "anyOf", "allOf"):
        for each in schema.get(group, ()):
            yield from texts_of(each, at)
    for name, each in schema.get("properties", {}).items():
        yield from texts_of(each, f"{at}/{name}")
    if isinstance(more := schema.get("additionalProperties"), dict):
        yield from texts_of(more, f"{at}/*")
    if "items" in schema:
        yield from texts_of(schema["items"], f"{at}/0")
    kinds = schema.get("type", "")
    if "string" in ([kinds] if isinstance(kinds, str) else kinds) and not NO_TEXT & set(schema):
        yield at


@cache
def entrances() -> tuple[Entrance, ...]:
    return tuple(
        Entrance(method, path, place, name)
        for path, item in description()["paths"].items()
        for method in METHODS
        if method in item
        for place, name in sorted(set(texts_of_operation(item[method])))
        if name not in ON_EVERY_ROUTE
    )


def texts_of_operation(operation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in map(resolved, operation.get("parameters", ())):
        for _ in texts_of(each["schema"]):
            yield each["in"], each["name"]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        for name in texts_of(content["schema"]):
            yield kind.rpartition("/")[2], name


class Asker:
    """Officers and a student who may call anything, each request with what its operation needs."""

    def __init__(self, client: Client, world: HttpWorld) -> None:
        self.client, self.world = client, world
        self.seed = world.add_member("mira", Role.FINANCE, Role.ADMIN)
        for each in (FIRING, replace(CALM, version=1)):
            world.memory.store.alert_cases[each.rule, each.subject] = each
        found = replace(a_discrepancy(1), version=1)
        world.memory.store.discrepancies[found.id] = found
        self.places = {"alert_id": FIRING.id, "sha256": "0" * 64}
        self.values = {"based_on": 0, "version": 1, "ids": [found.id], "course_id": "algebra"}

    async def begin(self) -> None:
        self.places["transaction_id"] = await begun_payment(self.client, self.world.bearer())

    async def ask(self, entrance: Entrance, text: str) -> Response:
        operation = description()["paths"][entrance.path][entrance.method]
        self.world.clock.move(timedelta(minutes=2))
        address = entrance.path
        for name in re.findall(r"{(\w+)}", entrance.path):
            here = (entrance.place, entrance.name) == ("path", name)
            address = address.replace(
                f"{{{name}}}", quote(text, safe="") if here else self.places.get(name, "1")
            )
        query = {entrance.name: text} if entrance.place == "query" else {}
        sent = self._body(operation, entrance, text)
        headers = self._headers(entrance)
        if entrance.place == "header":
            headers[entrance.name] = text if text.isascii() else quote(text)
        return await self.client.request(
            entrance.method.upper(), address, params=query, headers=headers, **sent
        )

    def _body(self, operation: Mapping[str, Any], entrance: Entrance, text: str) -> dict[str, Any]:
        contents = operation.get("requestBody", {}).get("content", {})
        if not contents:
            return {}
        kinds = {each.rpartition("/")[2]: content for each, content in contents.items()}
        kind = entrance.place if entrance.place in kinds else next(iter(kinds))
        body = deepcopy(dict(kinds[kind]["schema"]["examples"][0]))
        body |= {name: value for name, value in self.values.items() if name in body}
        if entrance.path.startswith("/api/admin/") and entrance.method == "put":
            body = {name: value for name, value in body.items() if name not in {"id", "code"}}
        if "otp" in body:
            body["otp"] = self.world.code(self.seed)
        if entrance.place == kind:
            put(body, entrance.name, text)
        if kind == "json":
            return {"json": body}
        if kind != "form-data":
            return {"data": body}
        file = str(body.pop("file", ""))
        return {"files": {"file": (f"{text}.csv", file.encode())}, "data": body}

    def _headers(self, entrance: Entrance) -> dict[str, str]:
        if entrance.path.startswith(("/api/admin", "/api/enrolments")):
            return self.world.bearer("mira", "finance", "admin")
        asha = self.world.bearer()
        return asha | {"Idempotency-Key": str(self.world.clock.now().timestamp())}

    def kept(self) -> str:
        """Return everything that was stored or sent on, as text."""
        return repr((self.world.memory.store, self.world.alerts, self.world.hooks))


def put(body: dict[str, Any], pointer: str, text: str) -> None:
    """Write *text* where *pointer* leads; what is missing on the way is made."""
    *parents, last = pointer.strip("/").split("/")
    written: object = text
    if last == "0":
        *parents, last = parents
        written = [text]
    place: Any = body
    for each in parents:
        place = place.setdefault(each, {})
    place[last] = written


def digits_of(text: str) -> str:
    """Return the digits of *text* alone, whatever their script."""
    return "".join(str(unicodedata.digit(mark, "")) for mark in text if mark.isdigit())


def outcome(answer: Response) -> str:
    """Return the problem that *answer* is, or the first of those that it lists, or its status."""
    problem = problem_in(answer)
    return str(problem["type"].rpartition("/")[2]) if problem else str(answer.status_code)


def problem_in(answer: Response) -> Mapping[str, Any]:
    """Return the problem that *answer* is, or the first of those that it lists, or nothing."""
    if answer.headers.get("content-type") == "application/json" and "outcomes" in answer.json():
        return answer.json()["outcomes"][0].get("problem") or {}
    is_one = answer.headers.get("content-type", "").startswith("application/problem")
    return answer.json() if is_one else {}


def groups() -> Mapping[str, Sequence[tuple[int, Entrance]]]:
    """
    Return what is asked for in one world: an operation, or one entrance of an operation that may run seldom.

    The matrix says so. To read it out of the description of a whole application takes each worker that only
    collects the tests two seconds.
    """
    found: dict[str, list[tuple[int, Entrance]]] = {}
    for place, each in enumerate(map(Entrance.of, MATRIX)):
        seldom = each.path in SELDOM
        name = str(each) if seldom else f"{each.method.upper()} {each.path}"
        found.setdefault(name, []).append((place, each))
    return found


def test_every_text_of_the_interface_stands_in_the_matrix() -> None:
    """
    A new one fails here until somebody says what becomes of a card number in it.
    """
    assert set(MATRIX) == {str(each) for each in entrances()}


@pytest.mark.parametrize("group", groups().values(), ids=groups())
async def test_no_text_of_the_interface_lets_a_card_number_in(
    client: Client,
    world: HttpWorld,
    group: Sequence[tuple[int, Entrance]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    It is answered as the matrix says, without the number, and it is stored and logged nowhere.
    """
    asker = Asker(client, world)
    await asker.begin()
    for place, entrance in group:
        expected = MATRIX[str(entrance)]
        is_free = expected == REFUSED
        spellings = SPELLINGS if is_free else [SPELLINGS[place % len(SPELLINGS)]]
        for text in spellings:
            answer = await asker.ask(entrance, text)
            assert outcome(answer) in expected.split(" or "), f"{entrance}: {answer.text}"
            assert CARD not in digits_of(answer.text), entrance
            assert outcome(answer) != REFUSED or entrance.is_named_by(answer), answer.text
        if is_free:
            assert outcome(await asker.ask(entrance, HARMLESS)) != REFUSED, entrance
    assert CARD not in digits_of(asker.kept())
    assert CARD not in digits_of(caplog.text)


async def test_no_body_has_a_place_for_what_belongs_to_a_card(
    client: Client, world: HttpWorld
) -> None:
    """
    A member that an operation does not know is refused by its name, whatever it holds.
    """
    asker = Asker(client, world)
    await asker.begin()
    bodies = [each for each in entrances() if each.place == "json" and each.path != EXCHANGE]
    for place, each in enumerate({(each.method, each.path): each for each in bodies}.values()):
        name = OF_A_CARD[place % len(OF_A_CARD)]
        answer = await asker.ask(replace(each, name=f"/{name}"), "123")

        assert outcome(answer) == "invalid-request", f"{each}: {answer.text}"
        assert name in str(answer.json()["errors"]), each


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_field_of_a_page_lets_a_card_number_in(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Every page is sent every field that any form has; nothing of it is stored or logged.
    """
    world = HttpWorld(settings_with(demo_sign_in="true"))
    async with world.serve() as client:
        asker = Asker(client, world)
        await asker.begin()
        names = sorted(names_in_forms())
        token = await into_console(client, world, "farhan", *STAFF)
        for place, path in enumerate(pages(method)):
            told = dict.fromkeys(names, SPELLINGS[place % len(SPELLINGS)])
            world.clock.move(timedelta(minutes=1))
            address = addressed(path, asker.places)
            answer = await (
                client.get(address, params=told)
                if method == "GET"
                else client.post(address, data={**told, "csrf_token": token, "act": "disable"})
            )
            assert answer.status_code < 500, f"{path}: {answer.text}"
            assert answer.status_code != 401, path

    assert CARD not in digits_of(asker.kept())
    assert CARD not in digits_of(caplog.text)


@pytest.mark.parametrize("text", SPELLINGS)
def test_no_name_of_a_file_lets_a_card_number_in(text: str) -> None:
    """
    It is kept with the file, so a card number in it is masked; its end stays.
    """
    kept = file_name(f"C:\\statements\\{text}.csv")

    assert CARD not in digits_of(kept)
    assert kept.endswith(".csv")
