"""Each answer that holds an amount says in which currency, and nothing is sold in another one."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from entrypoints.http.problems import AMOUNTS
from worlds.http import CHECKOUT, Client, HttpWorld, problem
from worlds.lent_apps import laid_out
from worlds.settings import settings_with

INITIATE: Final = "/api/payment/initiate"
QUOTE: Final = "/api/payment/quote"
AMOUNT: Final = re.compile(r"-?\d+\.\d\d")


def amounts_without_currency(part: Any, place: str = "", *, told: bool = False) -> Iterator[str]:
    """Yield the places of amounts that neither their object nor one around it names the currency of."""
    match part:
        case dict():
            told = told or part.get("currency") == "INR"
            for name, each in part.items():
                yield from amounts_without_currency(each, f"{place}/{name}", told=told)
        case list():
            for each in part:
                yield from amounts_without_currency(each, f"{place}/-", told=told)
        case str() if AMOUNT.fullmatch(part) and not told:
            yield place


def test_every_answer_with_an_amount_names_the_currency() -> None:
    """
    By the examples of the description, which are answers.
    """
    paths = laid_out(settings_with()).openapi_schema.to_schema()["paths"]
    shown = {
        f"{method} {path}": example["value"]
        for path, item in paths.items()
        for method, said in item.items()
        for status, answer in said["responses"].items()
        if status.startswith("2")
        for content in answer.get("content", {}).values()
        for example in content.get("examples", {}).values()
    }

    untold = {
        name: found for name, each in shown.items() if (found := [*amounts_without_currency(each)])
    }
    assert not untold
    assert sum("INR" in str(each) for each in shown.values()) > 20


async def test_a_payment_can_name_the_currency(client: Client, world: HttpWorld) -> None:
    """
    It is the same request with and without, so that a repeat may add it.
    """
    headers = world.bearer() | {"Idempotency-Key": "k"}
    first = await client.post(INITIATE, json={**CHECKOUT, "currency": "INR"}, headers=headers)
    again = await client.post(INITIATE, json=CHECKOUT, headers=headers)

    assert first.json()["currency"] == "INR"
    assert (again.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize("path", [QUOTE, INITIATE])
@pytest.mark.parametrize("named", ["USD", "inr", ""])
async def test_nothing_is_sold_in_another_currency(
    client: Client, world: HttpWorld, path: str, named: str
) -> None:
    """
    A client that counts in dollars is told so before anybody pays in rupees.
    """
    answer = await client.post(path, json={**CHECKOUT, "currency": named}, headers=world.bearer())

    told = problem(answer, 422, "currency-unsupported")
    assert told["supported"] == ["INR"]
    assert told["errors"][0]["field"] == "currency"
    assert not world.memory.store.payments


async def test_a_problem_with_an_amount_names_the_currency(
    client: Client, world: HttpWorld
) -> None:
    """
    What is to be paid for the payment under way, for one.
    """
    await client.post(INITIATE, json=CHECKOUT, headers=world.bearer())
    answer = await client.post(INITIATE, json=CHECKOUT, headers=world.bearer())

    told = problem(answer, 409, "live-attempt-exists")
    assert (told["payable"], told["currency"]) == ("1180.00", "INR")
    assert "payable" in AMOUNTS
