"""What a student does on the way to the bank and back, in a browser."""

from typing import Final
from urllib.parse import parse_qsl

from playwright.async_api import expect

from adapters.fake.script import Outcome
from browser.site import Site
from domain.identifiers import PaymentId

KARNATAKA: Final = "29"
MAHARASHTRA: Final = "27"


async def start_paying(site: Site, state: str = MAHARASHTRA) -> PaymentId:
    """Fill in the form, press Pay, and return the payment once the bank's page shows."""
    await site.visit("/checkout/algebra")
    await site.page.get_by_label("State or union territory").select_option(state)
    await expect(site.page.get_by_role("button", name="Pay ₹1,180.00")).to_be_visible()
    await site.page.get_by_role("button", name="Pay ₹1,180.00").click()
    await expect(site.page.get_by_role("heading", name="The bank's page")).to_be_visible()
    return next(reversed(site.world.memory.store.payments))


async def return_from_bank(site: Site, payment: PaymentId, outcome: Outcome) -> None:
    """Pay at the bank and come back by the form that its page posts from another site."""
    fields = parse_qsl(site.world.pay(payment, outcome), keep_blank_values=True)
    await site.page.evaluate(
        """([action, fields]) => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = action;
          for (const [name, value] of fields) {
            const field = document.createElement("input");
            field.name = name;
            field.value = value;
            form.append(field);
          }
          document.body.append(form);
          form.submit();
        }""",
        [f"{site.address}/api/payment/callback", fields],
    )
