"""A student reads Hindi: the switch, the price as it is worked out, and a payment from its start to its end."""

from playwright.async_api import expect

from adapters.fake.script import Outcome
from browser.site import Site
from browser.students_trips import return_from_bank
from domain.text.language import Language
from fakes.samples import a_course


async def test_a_student_pays_in_hindi(site: Site) -> None:
    """
    The switch turns the page, the script speaks its language, a refusal too, and the payment remembers it.
    """
    site.world.sell(a_course("physics"))
    await site.come_in()
    await site.page.get_by_role("button", name="हिन्दी").click()
    await expect(site.page.get_by_role("heading", name="कोर्स", level=1)).to_be_visible()
    await site.picture("hindi-courses")

    await site.visit("/checkout/algebra")
    await site.page.get_by_text("GSTIN और पता").click()
    await site.page.get_by_label("राज्य या केंद्र शासित प्रदेश").select_option(label="महाराष्ट्र")
    await expect(site.page.get_by_role("button", name="₹1,180.00 का भुगतान करें")).to_be_visible()
    await site.page.get_by_label("GSTIN", exact=False).first.fill("27AAPFU0939F1ZX")
    await site.page.get_by_label("छूट कोड").fill("NONE")
    await site.page.get_by_role("button", name="लागू करें").click()
    await expect(site.page.get_by_text("इसका आखिरी अक्षर बाकी से मेल नहीं खाता")).to_be_visible()
    await site.picture("hindi-checkout")
    await site.page.get_by_label("GSTIN", exact=False).first.fill("")
    await site.page.get_by_label("छूट कोड").fill("TEN")
    await site.page.get_by_role("button", name="लागू करें").click()
    await site.page.get_by_role("button", name="₹1,062.00 का भुगतान करें").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()

    payment = next(reversed(site.world.memory.store.payments))
    assert site.world.memory.store.payments[payment].student.language is Language.HINDI
    await return_from_bank(site, payment, Outcome.SUCCESS)
    await expect(site.page.get_by_role("heading", name="भुगतान मिल गया")).to_be_visible()
    await site.picture("hindi-result")
    await site.visit(f"/payments/{payment}")
    await expect(site.page.get_by_role("heading", name="अब तक क्या हुआ")).to_be_visible()
    await site.picture("hindi-payment")
    await site.page.get_by_role("button", name="English").click()
    await expect(site.page.get_by_role("heading", name="What has happened")).to_be_visible()
