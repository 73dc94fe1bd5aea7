"""The payer's page of the fake gateway: the order, and one button for each way in which an attempt can end."""

from typing import Final

from litestar import Response, get, post
from litestar.connection import Request
from litestar.datastructures import FormMultiDict, State
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from adapters.fake.orders import FakeOrder
from adapters.fake.script import Outcome
from domain.identifiers import PaymentId
from entrypoints.operations.fake_bank.served_bank import ServedBank
from entrypoints.operations.fake_bank.wire import TheBank

AnyRequest = Request[object, object, State]
SEE_OTHER: Final = 303
PAGE_PATH: Final = "/pay/"
PAGE: Final = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>Fake gateway</title><style>"
    "body{{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}}"
    "button{{font:inherit;width:100%;padding:.75rem;margin:.25rem 0}}"
    "</style></head><body><main><h1>Fake gateway</h1><p>{says}</p>{form}</main></body></html>"
)
FORM: Final = Markup('<form method="post">{buttons}</form>')
BUTTON: Final = Markup('<button name="outcome" value="{value}">{label}</button>')
BUTTONS: Final = (
    (Outcome.SUCCESS, "Pay"),
    (Outcome.FAILURE, "Let the payment fail"),
    (Outcome.PENDING, "Return while it is pending"),
    (Outcome.ABANDON, "Return without paying"),
)
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@get("/pay/{payment:str}")
async def show_page(payment: FromPath[str], bank: TheBank) -> Response[str]:
    return _page(bank.gateway.orders.get(PaymentId(payment)))


@post("/pay/{payment:str}", status_code=SEE_OTHER)
async def answer_page(
    request: AnyRequest, payment: FromPath[str], bank: TheBank
) -> Response[str] | Redirect:
    """Act as chosen, send the events meanwhile, and return to the merchant with signed fields."""
    order = bank.gateway.orders.get(PaymentId(payment))
    chosen = _chosen(await request.form())
    if order is None or chosen is None or order.is_paid:
        return _page(order)
    _act(bank, order, chosen)
    return Redirect(bank.return_url(order.asked.payment), status_code=SEE_OTHER)


def _act(bank: ServedBank, order: FakeOrder, chosen: Outcome) -> None:
    if chosen is not Outcome.ABANDON:
        bank.start(bank.deliver(bank.pay(order.asked.payment, chosen)))


def _chosen(form: FormMultiDict) -> Outcome | None:
    wanted = form.get("outcome", "")
    return Outcome(wanted) if isinstance(wanted, str) and wanted in set(Outcome) else None


def _page(order: FakeOrder | None) -> Response[str]:
    if order is None:
        return _html("There is no such order.", Markup(), status=404)
    asked = order.asked
    says = (
        f"{asked.description}, ₹{asked.amount.plain()}, order {asked.payment}: {order.facts.word}."
    )
    if order.is_paid:
        return _html(f"{says} It is paid.", Markup())
    buttons = Markup().join(BUTTON.format(value=each.value, label=label) for each, label in BUTTONS)
    return _html(says, FORM.format(buttons=buttons))


def _html(says: str, form: Markup, status: int = 200) -> Response[str]:
    html = PAGE.format(says=says, form=form)
    return Response(str(html), status_code=status, media_type="text/html", headers=HEADERS)


PAYER_PAGE: Final = (show_page, answer_page)
