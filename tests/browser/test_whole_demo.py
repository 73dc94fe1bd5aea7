"""The demo as a visitor finds it: real database, real stand-in bank, one course bought in the browser."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

SHULK: Final = str(Path(sys.executable).parent / "shulk")
READY_TRIES_MAX: Final = 900
ENDS_SECONDS_MAX: Final = 30
KARNATAKA: Final = "29"
FILED_TRIES_MAX: Final = 100
LOOK_AGAIN_MILLISECONDS: Final = 200


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """What the running demo announces of itself; it is asked to end, and has to end well."""
    announced = tmp_path / "announced.json"
    process = await asyncio.create_subprocess_exec(
        *(SHULK, "demo", "--announce", str(announced), "--port", "0", "--simulator-port", "0"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    for _ in range(READY_TRIES_MAX):
        if announced.exists() and announced.stat().st_size:
            break
        assert process.returncode is None, "the demo ended before it was ready"
        await asyncio.sleep(0.1)
    yield json.loads(announced.read_text(encoding="utf-8"))
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), ENDS_SECONDS_MAX) == 0


async def test_a_course_is_bought(demo: dict[str, Any], browser: Browser) -> None:
    """
    Pick a course and a student, pay by UPI at the stand-in bank, come back enrolled, save the invoice;
    then it is owned.
    """
    course = next(
        each
        for each in demo["courses"]
        if not each.get("exempt") and 100 <= float(each["list_price"]) <= 20_000
    )
    page = await (await browser.new_context()).new_page()
    await page.goto(demo["api"])
    await page.get_by_role("link", name=f"Enrol in {course['title']}").click()
    await page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await page.get_by_role("button", name=demo["students"][0]["email"]).click()
    await page.get_by_label("State or union territory").select_option(KARNATAKA)
    await page.get_by_role("button", name="Pay ₹").click()

    await page.get_by_label("UPI ID").fill("success@upi")
    await page.get_by_role("button", name="Pay ₹").click()

    await expect(page.get_by_role("heading", name="Payment received")).to_be_visible(timeout=20_000)
    await expect(page.get_by_text(f"{course['title']} is open to you")).to_be_visible()
    await invoice_is_downloaded(page)
    await page.goto(f"{demo['api']}/checkout/{course['id']}")
    await expect(page.get_by_role("heading", name="You are enrolled already")).to_be_visible()


async def invoice_is_downloaded(page: Page) -> None:
    """Wait until the worker has filed the invoice, and save it as a student would."""
    link = page.get_by_role("link", name="Download invoice")
    for _ in range(FILED_TRIES_MAX):
        if await link.is_visible():
            break
        await page.wait_for_timeout(LOOK_AGAIN_MILLISECONDS)
        await page.reload()
    async with page.expect_download() as downloading:
        await link.click()
    saved = await downloading.value
    assert saved.suggested_filename.startswith(("INV-", "BOS-"))
    assert Path(await saved.path()).read_bytes().startswith(b"%PDF-")  # noqa: ASYNC240  # a few kilobytes
