"""The payer's way back: which parameters, how signed, how encoded."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from entrypoints.simulator.config import SimulatorConfig
from simulator.in_process import StartMerchant
from simulator.merchant import Merchant

ORDER = "ORD20260731A1B2C3D4"
SIGNATURE = "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As+OLfW5UB9A="
ENCODED_ONCE = "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As%2BOLfW5UB9A%3D"
ENCODED_TWICE = "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As%252BOLfW5UB9A%253D"


@pytest.mark.parametrize(
    ("double", "in_url", "in_form"),
    [(False, ENCODED_ONCE, SIGNATURE), (True, ENCODED_TWICE, ENCODED_ONCE)],
)
async def test_the_signature_is_encoded_once_or_twice(
    config: SimulatorConfig,
    start: StartMerchant,
    double: bool,  # noqa: FBT001 - a parametrised row
    in_url: str,
    in_form: str,
) -> None:
    """
    In a form the browser adds one encoding by itself.
    """
    async with start(replace(config, double_encode=double)) as merchant:
        await merchant.create_session(ORDER)
        answer = await merchant.pay(ORDER)

    assert f"&signature={in_url}&" in answer["return_url"]
    assert in_form == answer["fields"]["signature"]


async def test_without_a_response_key_nothing_is_signed(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    async with start(replace(config, response_key="")) as merchant:
        await merchant.create_session()
        answer = await merchant.pay()

    assert set(answer["fields"]) == {"order_id", "status", "status_id"}
    assert "signature" not in answer["return_url"]


async def test_a_parameter_of_the_merchant_is_signed_too(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    Vector V3: a foreign parameter with ``=`` in it survives and takes part.
    """
    async with start(replace(config, return_query_allowed=True)) as merchant:
        await merchant.create_session(
            "ORD20260731A1B2C3D5",
            return_url="https://pay.example.com/back?myQP=aGVsbG9Xb3JsZA%3D%3D",
        )
        answer = await merchant.pay("ORD20260731A1B2C3D5", outcome="pending")

    query = parse_qs(urlsplit(answer["return_url"]).query)
    assert query["myQP"] == ["aGVsbG9Xb3JsZA=="]
    assert query["signature"] == ["AAX0G93Xlnheoq6np/QNgWZfMWNSgaURYt2UwVixa/0="]
    assert answer["action"] == "https://pay.example.com/back"


async def test_without_a_return_address_there_is_no_way_back(merchant: Merchant) -> None:
    await merchant.create_session(return_url=None)

    assert (await merchant.pay())["return_url"] is None
