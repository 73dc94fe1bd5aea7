"""What a student finds before a checkout, in a browser: the courses, the sign-in, and the pages around them."""

import pytest
from playwright.async_api import expect

from browser.site import Site
from browser.students_trips import start_paying
from domain.documents.invoicing import invoice_for
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, sold


async def test_the_course_list_leads_to_a_price(site: Site) -> None:
    """
    Courses show with their price in Indian grouping; enrolling needs signing in first.
    """
    await site.visit("/")
    await expect(site.page.get_by_text("₹60,000.00")).to_be_visible()
    await site.picture("courses")

    await site.page.get_by_role("link", name="Enrol in All about algebra").click()
    await expect(site.page.get_by_role("heading", name="Please sign in first")).to_be_visible()
    await site.picture("not-signed-in")

    await site.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await site.picture("demo-sign-in")
    await site.page.get_by_role("button", name="Sign in").click()
    await expect(site.page.get_by_role("heading", name="All about algebra")).to_be_visible()
    await site.picture("checkout-empty")


async def test_a_stranger_is_asked_to_sign_in(site: Site) -> None:
    """
    Without a cookie the result page tells nothing but how to come in.
    """
    await site.come_in()
    payment = await start_paying(site)
    await site.page.context.clear_cookies()
    await site.visit(f"/result/{payment}")

    await expect(site.page.get_by_role("heading", name="Sign in to see")).to_be_visible()
    await site.picture("result-sign-in")


# The interface's page has every operation on it: axe goes through all of them twice.
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "path"),
    [("docs", "/api/docs"), ("problem", "/problems/live-attempt-exists"), ("lost", "/nowhere")],
)
async def test_other_pages(site: Site, name: str, path: str) -> None:
    """
    The interface's page works offline, problems explain themselves, and lost is lost kindly.
    """
    await site.visit(path)

    await expect(site.page.get_by_role("heading", level=1)).to_be_visible()
    await site.picture(name, is_long=name == "docs")


async def test_a_document_and_ones_sessions_are_looked_at(site: Site) -> None:
    """
    What the QR code of an invoice leads to, and where a person is signed in.
    """
    said = invoice_for(sold(), a_company(), POLICY, NOON)
    async with site.world.memory.unit_of_work() as work:
        work.documents.register.issue(said)
    (kept,) = await site.world.memory.documents.of_payment(said.payment.order)
    await site.visit(f"/check/{kept.sha256}")
    await expect(site.page.get_by_text("We issued this document")).to_be_visible()
    await site.picture("check-document")
    await site.come_in("asha")
    await site.visit("/sessions")
    await expect(site.page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    await site.picture("sessions")
