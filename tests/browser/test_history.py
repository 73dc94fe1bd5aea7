"""A student looks through their payments in a browser."""

from datetime import timedelta

from playwright.async_api import expect

from adapters.fake.script import Outcome
from browser.site import Site
from domain.identifiers import PaymentId
from fakes.samples import a_course
from worlds.http import CHECKOUT


async def begin(site: Site, course: str) -> PaymentId:
    """Begin a payment for *course* as the platform would, a minute after the last one."""
    site.world.sell(a_course(course))
    site.world.clock.at += timedelta(minutes=1)
    answer = await site.page.request.post(
        f"{site.address}/api/payment/initiate",
        data={**CHECKOUT, "course_id": course},
        headers=site.world.bearer(),
    )
    return PaymentId((await answer.json())["transaction_id"])


async def test_the_payments_of_a_student(site: Site) -> None:
    """
    From the top of any page to all payments, to some of them, and to one.
    """
    sold, declined, _ = [await begin(site, each) for each in ("algebra", "botany", "chemistry")]
    site.world.pay(sold)
    site.world.pay(declined, Outcome.FAILURE)
    for payment in (sold, declined):
        status = f"{site.address}/api/payment/status/{payment}"
        await site.page.request.get(status, headers=site.world.bearer())
    await site.world.file_due_documents()
    await site.come_in()

    await site.page.get_by_role("link", name="Payments", exact=True).click()
    await expect(site.page.get_by_role("heading", level=2)).to_have_count(3)
    await site.picture("payments")

    await site.page.get_by_role("link", name="Not paid").click()
    await expect(site.page.get_by_role("heading", level=2)).to_have_text(["All about botany"])
    await site.page.get_by_role("link", name="Refunded").click()
    await site.picture("payments-none")

    await site.page.get_by_role("link", name="Paid", exact=True).click()
    await expect(
        site.page.get_by_role("link", name="Receipt for All about algebra")
    ).to_be_visible()
    await site.page.get_by_role("link", name="All about algebra", exact=True).click()
    await expect(site.page.get_by_role("heading", name="Payment received")).to_be_visible()
    await expect(site.page.get_by_role("link", name="Download invoice")).to_be_visible()
    await site.picture("payment-paid")
