"""The box beside the privacy notice, in a browser: read, told of when it is left empty, and ticked by the keyboard."""

from typing import Final

import pytest
from playwright.async_api import expect

from browser.site import Site
from browser.students_trips import MAHARASHTRA
from worlds.http import HttpWorld
from worlds.settings import settings_with

URL: Final = "https://learn.example.com/notice"


@pytest.fixture
def world() -> HttpWorld:
    """A world in which students are asked to agree to a notice."""
    return HttpWorld(settings_with(demo_sign_in="true", privacy_notice_url=URL))


async def test_a_student_agrees_by_the_keyboard(site: Site) -> None:
    """
    An empty box is told of at the box, with everything else still filled in; ticked, it leads to the bank.
    """
    await site.come_in()
    await site.visit("/checkout/algebra")
    box = site.page.get_by_role("checkbox", name="I agree that Shulk Courses")
    await expect(box).not_to_be_checked()
    await expect(box).to_have_attribute("aria-describedby", "consent-hint")
    link = site.page.get_by_role("link", name="Read the privacy notice")
    await expect(link).to_have_attribute("href", URL)

    await site.page.get_by_label("State or union territory").select_option(MAHARASHTRA)
    pay = site.page.get_by_role("button", name="Pay ₹1,180.00")
    await pay.press("Enter")
    await expect(site.page.get_by_role("alert").first).to_contain_text("Please agree")
    await expect(box).to_have_attribute("aria-invalid", "true")
    await site.picture("checkout-consent-missing")

    await box.press("Space")
    await pay.press("Enter")
    await site.page.wait_for_url("**/pay/**")
    (payment,) = site.world.memory.store.payments.values()
    assert payment.consent is not None
    assert payment.consent.notice_url == URL


async def test_hindi_asks_in_hindi(site: Site) -> None:
    """
    The words, the link and where it opens.
    """
    await site.come_in()
    await site.visit("/checkout/algebra")
    await site.page.get_by_role("button", name="हिन्दी").click()
    box = site.page.get_by_role("checkbox", name="मैं सहमत हूँ कि Shulk Courses")
    await expect(box).to_be_visible()
    await site.picture("checkout-consent-hindi", is_long=True)
