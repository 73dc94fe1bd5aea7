"""The order API in the gateway's other dialects: the same answers, said otherwise."""

from base64 import b64encode
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import httpx
import pytest

from entrypoints.simulator.config import SimulatorConfig
from entrypoints.simulator.response_formats import ResponseFormat
from simulator.in_process import StartMerchant

SESSION: Final = {
    "order_id": "ORD20260731A1B2C3D4",
    "amount": "1499.50",
    "customer_id": "cust0001",
    "payment_page_client_id": "hdfcmaster",
    "action": "paymentPage",
    "return_url": "https://pay.example.com/hdfc/return",
}
KEY: Final = {
    "Authorization": f"Basic {b64encode(b'sim_key:').decode()}",
    "x-merchantid": "SIMMERCHANT",
}
MEDIA: Final = {
    ResponseFormat.JSON: "application/json",
    ResponseFormat.XML: "application/xml",
    ResponseFormat.FORM: "application/x-www-form-urlencoded",
}


def field(answer: httpx.Response, name: str, outer: str = "") -> str | None:
    """Return what *answer* says under *name*, read by other eyes than the adapter's."""
    match ResponseFormat(answer.request.headers["x-dialect"]):
        case ResponseFormat.JSON:
            body = answer.json()
            return str((body[outer] if outer else body)[name])
        case ResponseFormat.XML:
            return ET.fromstring(answer.text).findtext(f"{outer}/{name}" if outer else name)  # noqa: S314 - our own
        case ResponseFormat.FORM:
            return dict(parse_qsl(answer.text))[f"{outer}[{name}]" if outer else name]


@pytest.mark.parametrize("dialect", ResponseFormat)
async def test_the_order_api_speaks_one_dialect(
    config: SimulatorConfig, start: StartMerchant, dialect: ResponseFormat
) -> None:
    """
    Session, status and refusal; the payment page stays HTML and the control API JSON.
    """
    async with start(replace(config, response_format=dialect)) as merchant:
        http = merchant.http
        http.headers.update(KEY | {"x-dialect": dialect.value})
        created = await http.post("/session", json=SESSION)
        read = await http.get("/orders/ORD20260731A1B2C3D4")
        lost = await http.get("/orders/NOSUCH")
        refused = await http.post("/session", json=SESSION | {"amount": "0"})
        page = await http.get(field(created, "web", "payment_links") or "")
        control = await http.get("/_control/orders/ORD20260731A1B2C3D4")

    for answer, status in ((created, 200), (read, 200), (lost, 404), (refused, 400)):
        assert (status, MEDIA[dialect]) == (answer.status_code, answer.headers["content-type"])
        assert len(answer.content) == int(answer.headers["content-length"])
    assert field(read, "amount") == "1499.5"
    assert field(lost, "error_code") == "order_not_found"
    assert field(refused, "code", "error_info") == "INVALID_INPUT"
    assert page.headers["content-type"].startswith("text/html")
    assert control.json()["status"] == "NEW"
