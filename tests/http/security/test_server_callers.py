"""Back ends of the platform: what a server key opens, for whom, and what it never opens."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from domain.identifiers import StudentId
from domain.sign_in.server_key import (
    KEY_SECRET_CHARS,
    SCOPES,
    ServerKeyId,
    digest,
    key_text,
)
from domain.staff.access import Permission, is_of_students
from entrypoints.http.security.identity import Caller
from worlds.http import CHECKOUT, Client, HttpWorld, begun_payment, problem, signed_in
from worlds.lent_apps import laid_out
from worlds.server_keys import KEY_ID, SECRET, add_key, by_key
from worlds.settings import settings_with

STUDENT: Final = {"name": "Asha Rao", "email": "asha@example.com"}
FOR_ASHA: Final = {**CHECKOUT, "student": STUDENT}
JSON: Final = {"Content-Type": "application/json"}
STATUS: Final = "/api/payment/status/{id}"


async def test_a_back_end_pays_for_a_student(client: Client, world: HttpWorld) -> None:
    """
    The payment is the student's own in every way; the audit log names the key.
    """
    add_key(world)
    quote = await client.post("/api/payment/quote", json=CHECKOUT, headers=by_key("asha"))
    payment = await begun_payment(client, by_key("asha"), student=STUDENT)
    seen = [
        await client.get(STATUS.format(id=payment), headers=headers)
        for headers in (by_key("asha"), world.bearer("asha"), by_key("ravi"))
    ]

    assert quote.status_code == 200, quote.text
    assert [each.status_code for each in seen] == [200, 200, 404]
    kept = world.memory.store.payments[payment].student  # type: ignore[index]
    assert (kept.id, kept.name, kept.email) == ("asha", "Asha Rao", "asha@example.com")
    begun = [entry for entry in world.memory.store.audit if entry.subject == payment]
    assert {entry.origin.actor for entry in begun if entry.origin.source == "initiate"} == {
        f"key:{KEY_ID}"
    }


async def test_a_student_is_told_with_the_payment(client: Client, world: HttpWorld) -> None:
    """
    Without name and email nobody pays; a token tells them itself, and takes nobody else's.
    """
    add_key(world)

    async def asked(headers: dict[str, str], body: Any) -> Any:
        return await client.post("/api/payment/initiate", json=body, headers=headers)

    bad = FOR_ASHA | {"student": STUDENT | {"email": "nowhere"}}
    problem(await asked(by_key("asha"), CHECKOUT), 403, "profile-incomplete")
    problem(await asked(by_key("asha"), bad), 403, "profile-incomplete")
    problem(await asked(world.bearer("asha"), FOR_ASHA), 422, "invalid-request")
    assert not world.memory.store.payments


async def test_a_repeated_request_of_a_back_end_is_one(client: Client, world: HttpWorld) -> None:
    """
    The same key and body are answered alike; another student told with it is another body.
    """
    add_key(world)
    headers = by_key("asha") | {"Idempotency-Key": "order-7"}
    answers = [
        await client.post("/api/payment/initiate", json=FOR_ASHA, headers=headers) for _ in range(2)
    ]
    other = FOR_ASHA | {"student": STUDENT | {"name": "Asha R"}}
    changed = await client.post("/api/payment/initiate", json=other, headers=headers)

    assert answers[0].json() == answers[1].json()
    problem(changed, 422, "idempotency-key-reused")


async def test_a_student_and_a_back_end_begin_one_payment(client: Client, world: HttpWorld) -> None:
    """
    Whoever is slower is told of the open one.
    """
    add_key(world)
    answers = await asyncio.gather(
        *(
            client.post("/api/payment/initiate", json=body, headers=headers)
            for body, headers in [
                (FOR_ASHA, by_key("asha")),
                (CHECKOUT, world.bearer("asha")),
            ]
            * 3
        )
    )

    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409, 409, 409]
    assert len(world.memory.store.payments) == 1


@pytest.mark.parametrize("named", [" asha", "a" * 256, "आशा"])
async def test_a_student_is_named_well(client: Client, world: HttpWorld, named: str) -> None:
    """
    Once, as a token would name them; and somebody has to be named where a student acts.
    """
    add_key(world)
    sent = ("authorization", f"Bearer {SECRET}")
    one, two = ("shulk-student", named.encode()), ("shulk-student", b"ravi")

    for headers in ([sent, one], [sent, one, two], [sent]):
        answer = await client.get("/api/payment/history", headers=headers)  # type: ignore[arg-type]
        problem(answer, 400, "student-invalid")


async def test_nobody_else_names_a_student(client: Client, world: HttpWorld) -> None:
    """
    Neither a token, nor a browser, nor a request without either.
    """
    headers = {"Shulk-Student": "ravi"}
    for more in (world.bearer("asha"), world.bearer("mira", "admin"), {}):
        answer = await client.get("/api/payment/history", headers=headers | more)
        problem(answer, 400, "student-invalid")
    await signed_in(client, world)
    answer = await client.get("/api/payment/history", headers=headers)
    problem(answer, 400, "student-invalid")


@pytest.mark.parametrize("enough", [True, False])
async def test_a_key_gives_only_what_its_scopes_name(
    client: Client, world: HttpWorld, *, enough: bool
) -> None:
    """
    Every route that keys may call opens to one with its permission alone, and to none with all others.
    """
    for method, path, handler in routes(world):
        permission = handler.opt["permission"]
        needed = {permission, handler.opt.get("or_else")}
        add_key(world, *([permission] if enough else SCOPES - needed))
        student = "asha" if is_of_students(permission) else None
        answer = await client.request(method, path, headers=by_key(student) | JSON)
        assert (answer.status_code == 403) is not enough, (method, path, answer.text)


def test_a_key_acts_for_a_student_or_for_the_platform() -> None:
    """
    With a student named it has its scopes of students, and without one the others.
    """
    for student in ("", "asha"):
        caller = Caller(id=StudentId(student), key=KEY_ID, scopes=SCOPES)
        has = {each for each in Permission if caller.may(each)}
        assert has == {each for each in SCOPES if is_of_students(each) is bool(student)}


async def test_no_other_route_is_open_to_a_key(client: Client, world: HttpWorld) -> None:
    """
    A key of every scope opens no page, nothing of the console, and no act that a person confirms.
    """
    add_key(world)
    for method, path, handler in routes(world, open_to_keys=False):
        if not handler.opt.get("public"):
            student = "asha" if is_of_students(handler.opt["permission"]) else None
            answer = await client.request(method, path, headers=by_key(student) | JSON)
            assert answer.status_code == 403, (method, path, answer.text)


async def test_on_a_public_route_a_key_is_nobody(client: Client, world: HttpWorld) -> None:
    """
    It neither sees nor ends the browser sessions of the student whom it names.
    """
    add_key(world)
    await signed_in(client, world)
    cookies = dict(client.cookies)
    client.cookies.clear()
    (session,) = world.memory.store.browser_sessions

    shown = await client.get("/sessions", headers=by_key("asha"))
    ended = await client.post(f"/sessions/{session}/end", headers=by_key("asha"))
    client.cookies.update(cookies)

    assert session not in shown.text
    assert ended.status_code != 303 or "/sessions" not in ended.headers["location"]
    assert (await client.get("/api/payment/history")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"secret_sha256": digest("another")}, "wrong secret"),
        ({"expires_at": 0}, "expired"),
        ({"revoked_at": 0}, "revoked"),
        ({"id": ServerKeyId("KY" + "Z" * 18)}, "unknown"),
    ],
)
async def test_a_key_that_is_none_is_refused(
    client: Client,
    world: HttpWorld,
    changes: dict[str, Any],
    why: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """
    In one way, whatever is wrong; the log knows what, and not the key.
    """
    at = {name: world.clock.now() for name, value in changes.items() if value == 0}
    add_key(world, **changes | at)
    with caplog.at_level(logging.WARNING):
        answer = await client.get("/api/admin/payments", headers=by_key())

    problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"] == 'Bearer realm="shulk", error="invalid_token"'
    (line,) = [each for each in caplog.records if each.getMessage() == "token.refused"]
    assert line.__dict__["reason"] == f"server key: {why}"


async def test_guesses_are_counted() -> None:
    """
    An address that goes on guessing is told to wait; the right key opens all the same.
    """
    world = HttpWorld(settings_with(limit_failed_authentication="2/minute"))
    add_key(world)
    wrong = by_key(secret=key_text(KEY_ID, "C" * KEY_SECRET_CHARS))
    async with world.serve() as client:
        told = [
            (await client.get("/api/admin/payments", headers=headers)).status_code
            for headers in (wrong, wrong, wrong, by_key())
        ]

    assert told == [401, 401, 429, 200]


async def test_what_a_back_end_does_counts_as_its_students(
    client: Client, world: HttpWorld
) -> None:
    """
    The limit is one for the student, whoever asks; another student has a limit of their own.
    """
    add_key(world)

    async def quote(headers: dict[str, str]) -> Any:
        return await client.post("/api/payment/quote", json=CHECKOUT, headers=headers)

    told = await quote(by_key("asha"))
    left = int(told.headers["ratelimit"].partition(";r=")[2].partition(";")[0])
    theirs = await quote(world.bearer("asha"))
    others = await quote(by_key("ravi"))

    assert f";r={left - 1};" in theirs.headers["ratelimit"]
    assert f";r={left};" in others.headers["ratelimit"]


async def test_a_back_end_needs_no_form_token(client: Client, world: HttpWorld) -> None:
    """
    Not even where a browser says that it comes from another site: no browser sends a key by itself.
    """
    add_key(world)
    headers = by_key("asha") | {"Sec-Fetch-Site": "cross-site"}

    assert (
        await client.post("/api/payment/quote", json=CHECKOUT, headers=headers)
    ).status_code == 200


async def test_a_key_that_names_a_student_sees_what_is_theirs(
    client: Client, world: HttpWorld
) -> None:
    """
    Though it may see all payments: naming a student is to act as one.
    """
    add_key(world)
    payment = await begun_payment(client, world.bearer("asha"))
    world.pay(payment)
    await client.get(STATUS.format(id=payment), headers=world.bearer("asha"))
    await world.file_due_documents()
    receipt = f"/api/payment/receipt/{payment}"

    codes = [
        (await client.get(receipt, headers=headers)).status_code
        for headers in (by_key("asha"), by_key(), by_key("ravi"))
    ]

    assert codes == [200, 200, 404]
    problem(await client.get("/api/admin/payments", headers=by_key("asha")), 403, "not-allowed")


async def test_the_last_use_is_noted(client: Client, world: HttpWorld) -> None:
    """
    Of what opened something or would have, with the right secret.
    """
    add_key(world, Permission.SEE_CATALOGUE)
    world.clock.move(timedelta(hours=1))
    await client.get("/api/admin/payments", headers=by_key())

    assert world.memory.store.server_keys[KEY_ID].last_used_at == world.clock.now()


def routes(
    world: HttpWorld, *, open_to_keys: bool = True
) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Walk every method of every address, with an example in the place of each part that varies."""
    for route in laid_out(world.settings).routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if bool(handler.opt.get("server_keys")) is open_to_keys:
                    for method in handler.http_methods - {"HEAD", "OPTIONS"}:
                        yield str(method), _filled(route), handler


def _filled(route: HTTPRoute) -> str:
    parts = [
        each if isinstance(each, str) else "1" if each.type is int else "x"
        for each in route.path_components
    ]
    return "/" + "/".join(parts)
