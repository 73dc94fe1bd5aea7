"""The simulator's payment page in a real browser: its policy lets the payer, and nobody else, back to the merchant."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from browser.accessibility import check_accessibility
from entrypoints.simulator.config import ReturnMethod, SimulatorConfig
from entrypoints.simulator.serving import serving

WIDTHS = (1280, 390)
V1_SIGNATURE = "JbqpbPFG6aD2do6Y4ET4jnMBFe7K0k6As+OLfW5UB9A="
MERCHANT_PAGE = b"<!doctype html><title>Merchant</title><h1>Back at the merchant</h1>"


class Merchant:
    """Answers every call with one page and keeps what the browser brought back, by query or by form."""

    def __init__(self) -> None:
        self.url = ""
        self.brought: list[dict[str, list[str]]] = []

    async def greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, target, _ = head.split("\r\n")[0].split(" ")
        sizes = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
        body = await reader.readexactly(int(sizes[0].split(":")[1])) if sizes else b""
        if urlsplit(target).path == "/back":
            given = body.decode() if method == "POST" else urlsplit(target).query
            self.brought.append(parse_qs(given))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n" % len(MERCHANT_PAGE) + MERCHANT_PAGE)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture(loop_scope="session")
async def merchant() -> AsyncIterator[Merchant]:
    merchant = Merchant()
    server = await asyncio.start_server(merchant.greet, "127.0.0.1", 0)
    merchant.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/back"
    yield merchant
    server.close()


async def payment_link(gateway: str, return_url: str) -> str:
    session = {
        "order_id": "ORD20260731A1B2C3D4",
        "amount": "149999.50",
        "customer_id": "cust0001",
        "payment_page_client_id": "hdfcmaster",
        "action": "paymentPage",
        "return_url": return_url,
    }
    async with httpx.AsyncClient(auth=("sim_key", ""), trust_env=False, verify=False) as http:
        answer = await http.post(
            f"{gateway}/session", json=session, headers={"x-merchantid": "SIMMERCHANT"}
        )
    return str(answer.json()["payment_links"]["web"])


def complaints_of(page: Page) -> list[str]:
    """Return the list that fills with whatever the browser complains about."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("method", list(ReturnMethod))
async def test_a_test_card_pays_and_leads_back(
    browser: Browser, merchant: Merchant, method: ReturnMethod, width: int
) -> None:
    """
    One click fills the card, the password confirms it, and the browser brings the signed answer home.
    """
    page = await browser.new_page(viewport={"width": width, "height": 844})
    complaints = complaints_of(page)
    async with serving(SimulatorConfig(return_method=method)) as served:
        await page.goto(await payment_link(served.url, merchant.url))
        await expect(page.locator("#amount")).to_have_text("₹1,49,999.50")
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        await check_accessibility(page, f"payment page at {width} pixels")
        await page.get_by_role("button", name="4012 0000 0000 1097").click()
        await page.get_by_role("button", name="Pay ₹1,49,999.50").click()
        await page.get_by_label("One-time password").fill("000000")
        await page.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("heading", name="Back at the merchant")).to_be_visible()
    await page.close()

    assert merchant.brought == [
        {
            "order_id": ["ORD20260731A1B2C3D4"],
            "status": ["CHARGED"],
            "status_id": ["21"],
            "signature": [V1_SIGNATURE],
            "signature_algorithm": ["HMAC-SHA256"],
        }
    ]
    assert complaints == []


async def test_a_declined_payer_tries_again_by_the_same_link(
    browser: Browser, merchant: Merchant
) -> None:
    """
    Declined, back at the merchant, back on the page with its hint, paid by UPI.
    """
    page = await browser.new_page()
    async with serving(SimulatorConfig()) as served:
        link = await payment_link(served.url, merchant.url)
        await page.goto(link)
        await page.get_by_role("button", name="failure@upi").click()
        await page.get_by_role("button", name="Pay ₹").click()
        await expect(page.get_by_role("heading", name="Back at the merchant")).to_be_visible()

        await page.goto(link)
        await expect(page.get_by_text("Not sufficient funds")).to_be_visible()
        await page.get_by_role("button", name="Pay ₹").click()
        await expect(page.get_by_role("heading", name="Back at the merchant")).to_be_visible()
    await page.close()

    assert [given["status"] for given in merchant.brought] == [
        ["AUTHORIZATION_FAILED"],
        ["CHARGED"],
    ]
