"""Every no has a name: the table is whole, and whatever goes wrong is told as a problem."""

import ast
import importlib
import inspect
import logging
import pkgutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from itertools import product
from types import SimpleNamespace
from typing import Final, cast

import msgspec
import pytest

import adapters
import application
import domain
import ports
from domain.catalogue.discount import DiscountRefusal, DiscountRefused
from domain.errors import DomainError
from domain.payments.dispute import RefundDisputed
from domain.payments.dispute_state import DisputeState
from domain.payments.order_facts import ReviewReason
from domain.payments.payment import Payment
from domain.payments.payment_state import State
from domain.payments.resolution import Resolution, ResolutionUnlawful
from domain.payments.retry import RetryRefusal, RetryRefused
from domain.payments.search_term import SearchCardNumberRefused
from domain.reconciliation.discrepancy_state import (
    DiscrepancyEvent,
    DiscrepancyState,
    IllegalDiscrepancyStep,
)
from domain.reconciliation.resolution import ResolutionAction
from domain.reconciliation.resolution_rules import LAWFUL_ACTIONS, ResolutionActionUnlawful
from domain.staff.second_factor import TotpUsed, TotpWrong
from domain.tax.gst import BuyerCardNumberRefused
from domain.tax.gstin import BadGstin, GstinFault
from domain.text.card_number import CardNumberRefused
from entrypoints.http import problem_types, problems
from entrypoints.http.faults import FaultCode
from entrypoints.http.problem_answer import ProblemAnswer
from entrypoints.http.problem_types import PROBLEM_TYPES
from entrypoints.http.problem_values import VALUES, values_of
from entrypoints.http.problems import PROBLEMS, as_problem
from entrypoints.logs.setup import correlation_id
from fakes.samples import payment_id
from ports.idempotency import IdempotencyKeyInUse
from ports.payments.payment_gateway import GatewayBusy, GatewayDenied, GatewayDown
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused
from ports.unit_of_work import StorageUnavailable
from worlds.http import CHECKOUT, FORM, Client, HttpWorld, problem
from worlds.settings import settings_with

ROOTS: Final = (domain, ports, application, adapters)


def every(error: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in error.__subclasses__():
        yield each
        yield from every(each)


def test_http_has_a_word_for_every_error() -> None:
    """
    A new error fails the build until someone decides its status.
    """
    for root in ROOTS:
        for module in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    names = {root.__name__ for root in ROOTS}
    ours = {each for each in every(DomainError) if each.__module__.split(".")[0] in names}

    assert {each for each in ours if each not in PROBLEMS} == set()


@pytest.mark.parametrize(
    ("refusal", "place"),
    [
        (BuyerCardNumberRefused("name"), {"field": "billing.name", "pointer": "/billing/name"}),
        (CardNumberRefused("name"), {"field": "name", "pointer": "/name"}),
        (SearchCardNumberRefused("search"), {"field": "q", "parameter": "q"}),
    ],
    ids=["buyer", "another name", "search"],
)
def test_a_card_number_is_named_where_it_stands(
    refusal: CardNumberRefused, place: dict[str, str]
) -> None:
    """
    The name of a server key or of a member of staff is no buyer's, and a search stands in the query.
    """
    (fault,) = as_problem(refusal).members["errors"]

    told = msgspec.to_builtins(fault)
    assert {name: told[name] for name in told if name not in {"code", "detail"}} == place


def test_slugs_are_names() -> None:
    """
    A slug means one thing, and its words say what and what to do.
    """
    assert len({kind.slug for kind in PROBLEM_TYPES}) == len(PROBLEM_TYPES)
    for kind in PROBLEM_TYPES:
        assert kind.status >= HTTPStatus.BAD_REQUEST
        assert kind.title
        assert kind.meaning.endswith(".")
        assert kind.remedy.endswith(".")


@pytest.mark.parametrize("slug", [kind.slug for kind in PROBLEM_TYPES])
async def test_every_slug_has_a_page(client: Client, world: HttpWorld, slug: str) -> None:
    """
    The type of a problem is an address that explains it.
    """
    answer = await client.get(f"/problems/{slug}")

    assert answer.status_code == 200
    assert f"<code>{world.settings.public_url}/problems/{slug}</code>" in answer.text
    assert "`" not in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/api/docs/nowhere", "/problems/no"])
async def test_nothing_there(client: Client, path: str) -> None:
    """
    An unknown address is a problem for programs, with every header an answer carries.
    """
    answer = await client.get(path, headers={"Accept": "application/json"})

    if path.startswith("/problems"):
        assert answer.status_code == 404
    else:
        problem(answer, 404, "not-found")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_people_get_pages(client: Client) -> None:
    """
    A browser that asks for a page is told in a page.
    """
    answer = await client.get("/nowhere", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert "There is nothing at this address, or it is not yours to see." in answer.text


async def test_wrong_method(client: Client) -> None:
    """
    405 lists what the address takes.
    """
    answer = await client.delete("/api/payment/initiate")

    problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data", ""])
async def test_wrong_media_type(client: Client, world: HttpWorld, media: str) -> None:
    """
    JSON that does not say it is JSON is not read, whatever a foreign page could send.
    """
    headers = world.bearer() | {"Content-Type": media}
    answer = await client.post("/api/payment/quote", content=b"{}", headers=headers)

    problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"course_id": "a", }'])
async def test_malformed_json(client: Client, world: HttpWorld, body: bytes) -> None:
    """
    What is not JSON is 400.
    """
    headers = world.bearer() | {"Content-Type": "application/json"}
    answer = await client.post("/api/payment/quote", content=body, headers=headers)

    problem(answer, 400, "bad-request")


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"text"', b"7"])
async def test_json_of_another_shape(client: Client, world: HttpWorld, body: bytes) -> None:
    """
    JSON that is no purchase is 422 and names the body.
    """
    headers = world.bearer() | {"Content-Type": "application/json"}
    answer = await client.post("/api/payment/quote", content=body, headers=headers)

    assert problem(answer, 422, "invalid-request")["errors"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "media", "limit"),
    [
        ("/api/payment/initiate", "application/json", 1024),
        ("/api/payment/callback", FORM["Content-Type"], 1024),
        ("/api/payment/webhook", "application/json", 2048),
        ("/session/exchange", "application/json", 1024),
    ],
)
async def test_too_large(path: str, media: str, limit: int, *, chunked: bool) -> None:
    """
    A body beyond its limit is 413, announced or in chunks; one byte less is read.
    """
    world = HttpWorld(settings_with(body_limit_bytes="1024", webhook_body_limit_bytes="2048"))

    async def in_chunks(size: int) -> AsyncIterator[bytes]:
        for _ in range(0, size, 64):
            yield b"x" * min(64, size)

    async with world.serve() as client:
        for size, refused in ((limit + 64, True), (limit, False)):
            content = in_chunks(size) if chunked else b"x" * size
            # A webhook is read only where its headers may be the bank's.
            by_the_bank = {"Authorization": "Fake proof"} if path.endswith("webhook") else {}
            headers = {**world.bearer(), "Content-Type": media, **by_the_bank}
            answer = await client.post(path, content=content, headers=headers)
            assert (answer.status_code == 413) is refused, answer.text


async def test_insides_stay_inside(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    An error nobody thought of is 500 without a word of what it was.
    """

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(type(world.memory.queries), "history", broken)
    answer = await client.get("/api/payment/history", headers=world.bearer())

    problem(answer, 500, "internal")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text


async def test_the_database_is_away(
    client: Client, world: HttpWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    503 with Retry-After, and nothing about the database.
    """

    async def away(*_: object, **__: object) -> None:
        raise StorageUnavailable("connection to 10.0.0.7 refused")

    monkeypatch.setattr(type(world.memory.queries), "history", away)
    answer = await client.get("/api/payment/history", headers=world.bearer())

    problem(answer, 503, "storage-unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "10.0.0.7" not in answer.text


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (IdempotencyKeyInUse(timedelta(seconds=1.2)), "2"),
        (IdempotencyKeyInUse(timedelta()), "1"),
        (GatewayBusy(retry_after=timedelta(seconds=7)), "7"),
        (GatewayBusy(), "30"),
        (GatewayDown(), "30"),
        (StorageUnavailable(), "5"),
    ],
)
def test_what_may_pass_says_when_to_come_again(error: DomainError, seconds: str) -> None:
    """
    Whole seconds, rounded up, at least one.
    """
    assert as_problem(error).headers == {"Retry-After": seconds}


def test_the_banks_words_stay_inside() -> None:
    """
    What the gateway said of our credentials is for the log.
    """
    told = as_problem(GatewayDenied("key 4711 is not known", response_id="r-1"))

    assert "4711" not in str(told.body())
    assert told.kind.status == HTTPStatus.BAD_GATEWAY


def test_an_error_without_a_row_is_told_as_its_kin() -> None:
    """
    Until its row is written, a new error is answered like its nearest ancestor, or as ours.
    """

    class NewTrouble(GatewayDown):
        pass

    class Stranger(DomainError):
        pass

    slugs = [as_problem(error).kind.slug for error in (NewTrouble(), Stranger())]
    assert slugs == ["gateway-unavailable", "internal"]


async def test_an_unknown_field_is_named(client: Client, world: HttpWorld) -> None:
    """
    A field nobody knows is refused even deep inside.
    """
    billing = {**CHECKOUT["billing"], "card": "x"}
    answer = await client.post(
        "/api/payment/quote", json={**CHECKOUT, "billing": billing}, headers=world.bearer()
    )

    errors = problem(answer, 422, "invalid-request")["errors"]
    assert [each["field"] for each in errors] == ["billing.card"]


async def test_three_faults_are_told_in_one_answer(client: Client, world: HttpWorld) -> None:
    """
    The decoder's, the domain's, and a member that is not known: each by a pointer, for a person.
    """
    body = {
        "course_id": 5,
        "billing": {"name": "Asha", "state_code": "29", "gstin": "29X"},
        "x/y": 1,
    }
    answer = await client.post("/api/payment/initiate", json=body, headers=world.bearer())

    errors = problem(answer, 422, "invalid-request")["errors"]
    assert [(each["pointer"], each["code"]) for each in errors] == [
        ("/course_id", "wrong_type"),
        ("/billing/gstin", "length"),
        ("/x~1y", "unknown_name"),
    ]
    assert errors[0]["detail"] == "it is a number, and has to be text of at most 64 characters"
    assert "discount_code" in errors[2]["allowed_values"]


async def test_all_that_the_domain_refuses_is_told_at_once(
    client: Client, world: HttpWorld
) -> None:
    """
    Under the name of the first; a form page gets the first alone, as before.
    """
    billing = {"name": " ", "state_code": "95", "gstin": "29AAPFU0939F1ZX"}
    body = {"course_id": "algebra", "billing": billing, "expected_payable": "1.234"}
    answer = await client.post("/api/payment/initiate", json=body, headers=world.bearer())

    errors = problem(answer, 422, "state-unknown")["errors"]
    assert [(each["pointer"], each["code"]) for each in errors] == [
        ("/billing/name", "invalid"),
        ("/billing/state_code", "not_allowed"),
        ("/billing/gstin", "check_digit"),
        ("/expected_payable", "malformed"),
    ]
    assert errors[3]["allowed"] == "rupees with at most two decimals, such as 1180.00"


async def test_a_type_is_the_address_of_its_page(client: Client, world: HttpWorld) -> None:
    """
    Absolute, below the address under which the service is reached, and it is there.
    """
    told = problem(await client.get("/api/nowhere"), 404, "not-found")

    assert told["type"] == f"{world.settings.public_url}/problems/not-found"
    page = await client.get(told["type"].removeprefix(world.settings.public_url))
    assert page.status_code == HTTPStatus.OK


def test_a_type_without_an_address_is_relative() -> None:
    """
    As RFC 9457 (3.1.1) lets it be; a path of the address stays in front.
    """
    kind = PROBLEMS[StorageUnavailable]

    assert as_problem(StorageUnavailable()).body()["type"] == "/problems/storage-unavailable"
    assert (
        kind.type_at("https://a.example/pay/")
        == "https://a.example/pay/problems/storage-unavailable"
    )


async def test_a_problem_names_its_request(
    client: Client, world: HttpWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The same id in the problem, in the header and on the line of the log.
    """
    seen = []

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage() == "request.answered":
                seen.append(correlation_id())

    log = logging.getLogger("entrypoints.http.security.headers")
    watch = Watch()
    log.addHandler(watch)
    try:
        with caplog.at_level(logging.INFO):
            answer = await client.get("/api/payment/history", headers={"X-Request-ID": "mine-1"})
    finally:
        log.removeHandler(watch)

    told = problem(answer, 401, "not-signed-in")
    assert told["request_id"] == answer.headers["x-request-id"] == seen[0]
    assert told["request_id"] != "mine-1"


def written_members() -> Iterator[tuple[ast.Constant, ast.expr]]:
    """Walk the members that the table of members writes down, each with its value."""
    for function in ast.walk(ast.parse(inspect.getsource(problems))):
        if isinstance(function, ast.FunctionDef) and function.name.startswith("_members"):
            for each in ast.walk(function):
                if isinstance(each, ast.Dict):
                    for key, value in zip(each.keys, each.values, strict=True):
                        if isinstance(key, ast.Constant):
                            yield key, value


def test_a_problem_has_no_member_that_is_not_described() -> None:
    """
    Each name that the table of members writes down stands in the schema of the interface.
    """
    written = {key.value for key, _ in written_members()}

    assert len(written) > 10
    assert written <= set(ProblemAnswer.__struct_fields__)


def answered() -> Iterator[DomainError]:
    """Walk each error whose problem has a member with one of a few values, in each of its cases."""
    yield from (DiscountRefused("TEN", each) for each in DiscountRefusal)
    yield from (RetryRefused(each, payment_id(1)) for each in RetryRefusal)
    yield from (BadGstin(each) for each in GstinFault)
    yield from (SettlementFileRefused(each, "of a sample") for each in FileRefusal)
    yield from (TotpWrong(), TotpUsed())
    yield from (RefundDisputed("D1", each) for each in DisputeState)
    yield from (
        ResolutionActionUnlawful(action, cause)
        for action, cause in product(ResolutionAction, LAWFUL_ACTIONS)
    )
    yield from (
        IllegalDiscrepancyStep(each, DiscrepancyEvent.FOUND_AGAIN) for each in DiscrepancyState
    )
    for reason, state in product(ReviewReason, State):
        payment = cast("Payment", SimpleNamespace(id=payment_id(1), state=state, refundable=1))
        yield ResolutionUnlawful(payment, reason, Resolution.CLOSE)


def test_each_value_that_is_answered_stands_on_the_problem_s_page() -> None:
    """
    Each reason, state and action that the code can answer; a new one fails here until it is listed.
    """
    listed = set()
    for error in answered():
        told = as_problem(error)
        values = values_of(told.kind)
        for member in values.keys() & told.members.keys():
            said = told.members[member]
            assert set([said] if isinstance(said, str) else said) <= set(values[member])
            listed.add((told.kind.slug, member))
        for member in told.members.keys() - values.keys() - {"errors"}:
            assert not isinstance(told.members[member], StrEnum), member
        assert "reason" not in told.members or "reason" in values
    named = {(kind.slug, member) for kind in VALUES for member in VALUES[kind]}
    assert named - listed == {("invalid-request", "code")}
    assert set(values_of(problem_types.REQUEST_INVALID)["code"]) == set(FaultCode)


def test_each_member_that_is_a_word_of_a_list_is_listed() -> None:
    """
    Where the table of members writes the value of an enumeration, or a word of its own, some page lists it.
    """
    written = {
        key.value
        for key, value in written_members()
        if isinstance(value, ast.ListComp | ast.Constant)
        or (isinstance(value, ast.Attribute) and value.attr == "value")
    }

    assert {"reason", "lawful", "state"} <= written
    assert written == {member for kind in VALUES for member in VALUES[kind]} - {"code"}


async def test_a_page_lists_the_reasons(client: Client) -> None:
    """
    Each with what it means.
    """
    page = (await client.get("/problems/discount-refused")).text

    for reason in DiscountRefusal:
        assert f"<code>{reason.value}</code>" in page
    assert "This discount code has expired." in page
