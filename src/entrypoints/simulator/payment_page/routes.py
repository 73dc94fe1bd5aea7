"""
The hosted payment page: choose UPI, card or net banking, and return to the merchant.

After each attempt the payer returns to the merchant, whatever the outcome. The link can be used for another try
until the order is paid, has expired, or has had 25 attempts.
"""

from collections.abc import Callable, Sequence
from typing import Final

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict, State
from litestar.params import FromPath
from litestar.response import Redirect

from entrypoints.simulator.config import ReturnMethod
from entrypoints.simulator.faults.fault_plan import ApiAnswer
from entrypoints.simulator.orders.instrument_outcomes import Outcome
from entrypoints.simulator.orders.instruments import (
    BANKS,
    BadInstrument,
    Card,
    Method,
    read_bank,
    read_card,
    read_vpa,
)
from entrypoints.simulator.orders.order import ATTEMPTS_MAX, NotPayable, Order, Status
from entrypoints.simulator.orders.response_bodies import VERDICTS
from entrypoints.simulator.orders.webhook_records import WebhookRecord
from entrypoints.simulator.payment_page.rendering import page
from entrypoints.simulator.rupees import shown
from entrypoints.simulator.simulated_bank import SimulatedBank, TheBank

AnyRequest = Request[object, object, State]
PageAnswer = ApiAnswer | Redirect
SEE_OTHER: Final = 303
UNPROCESSABLE: Final = 422
YEARS_AHEAD: Final = 4


@get("/orders/{gateway_id:str}/payment-page", sync_to_thread=False)
def show_page(request: AnyRequest, gateway_id: FromPath[str], bank: TheBank) -> PageAnswer:
    if (order := bank.orders.by_id(gateway_id)) is None:
        return no_such_page()
    return page_for(bank, order, choosing_again="again" in request.query_params)


@get(
    [
        "/payment-page/order/{gateway_id:str}",
        "/merchant/pay/{gateway_id:str}",
        "/merchant/ipay/{gateway_id:str}",
    ],
    sync_to_thread=False,
)
def show_page_under_older_names(gateway_id: FromPath[str], bank: TheBank) -> PageAnswer:
    order = bank.orders.by_id(gateway_id)
    return to_page(order) if order else no_such_page()


@post("/orders/{gateway_id:str}/payment-page/upi")
async def pay_by_upi(request: AnyRequest, gateway_id: FromPath[str], bank: TheBank) -> PageAnswer:
    def begin(order: Order, form: FormMultiDict) -> Sequence[WebhookRecord]:
        return bank.payer.pay(order, read_vpa(_typed(form, "vpa")), _chosen(form))

    return await _step(request, gateway_id, bank, begin, Method.UPI)


@post("/orders/{gateway_id:str}/payment-page/nb")
async def pay_by_net_banking(
    request: AnyRequest, gateway_id: FromPath[str], bank: TheBank
) -> PageAnswer:
    def begin(order: Order, form: FormMultiDict) -> Sequence[WebhookRecord]:
        return bank.payer.pay(order, read_bank(_typed(form, "bank")), _chosen(form))

    return await _step(request, gateway_id, bank, begin, Method.NB)


@post("/orders/{gateway_id:str}/payment-page/card")
async def pay_by_card(request: AnyRequest, gateway_id: FromPath[str], bank: TheBank) -> PageAnswer:
    """The card number is used only here; ``Card`` keeps its last four digits, brand and issuer."""

    def begin(order: Order, form: FormMultiDict) -> Sequence[WebhookRecord]:
        card = read_card(
            number=_typed(form, "number"),
            expiry=_typed(form, "expiry"),
            cvv=_typed(form, "cvv"),
            today=bank.config.clock().date(),
        )
        return bank.payer.ask_for_otp(order, card, _chosen(form))

    return await _step(request, gateway_id, bank, begin, Method.CARD)


@post("/orders/{gateway_id:str}/payment-page/otp")
async def answer_otp(request: AnyRequest, gateway_id: FromPath[str], bank: TheBank) -> PageAnswer:
    def confirm(order: Order, form: FormMultiDict) -> Sequence[WebhookRecord]:
        typed = "" if "cancel" in form else _typed(form, "otp")
        return bank.payer.answer_otp(order, typed)

    return await _step(request, gateway_id, bank, confirm)


@post("/orders/{gateway_id:str}/payment-page/decide")
async def decide_pending(
    request: AnyRequest, gateway_id: FromPath[str], bank: TheBank
) -> PageAnswer:
    def decide(order: Order, form: FormMultiDict) -> Sequence[WebhookRecord]:
        return bank.payer.decide_pending(order, _chosen(form) or Outcome.SUCCESS)

    return await _step(request, gateway_id, bank, decide)


@post("/orders/{gateway_id:str}/payment-page/leave")
async def leave(gateway_id: FromPath[str], bank: TheBank) -> PageAnswer:
    """The payer returns without an attempt."""
    order = bank.orders.by_id(gateway_id)
    return return_to_merchant(bank, order) if order else no_such_page()


async def _step(
    request: AnyRequest,
    gateway_id: str,
    bank: SimulatedBank,
    act: Callable[[Order, FormMultiDict], Sequence[WebhookRecord]],
    method: Method | None = None,
) -> PageAnswer:
    """Let the payer *act*, send webhooks in the background, and answer with the next page."""
    if (order := bank.orders.by_id(gateway_id)) is None:
        return no_such_page()
    form = await request.form()
    try:
        records = act(order, form)
    except NotPayable:
        # Paid in another tab, or expired meanwhile: the page says which.
        return to_page(order)
    except BadInstrument as complaint:
        return page_for(bank, order, choosing_again=True, method=method, complaint=str(complaint))
    bank.sender.deliver_soon(order, records)
    if (attempt := order.pending) and attempt.awaits_otp:
        return to_page(order)
    return return_to_merchant(bank, order)


def page_for(
    bank: SimulatedBank,
    order: Order,
    *,
    choosing_again: bool = False,
    method: Method | None = None,
    complaint: str = "",
) -> Response[str]:
    """Return the page that fits the order's state."""
    now = bank.config.clock()
    pending = order.pending
    if order.is_closed:
        template = "paid.html"
    elif pending and pending.awaits_otp:
        template = "otp.html"
    elif pending and not choosing_again:
        template = "pending.html"
    elif order.has_expired(now):
        template = "expired.html"
    elif len(order.attempts) >= ATTEMPTS_MAX:
        template = "used_up.html"
    else:
        template = "choose.html"
    offered = [one for one in Method if one in order.request.methods]
    last = order.attempts[-1] if order.attempts else None
    _, why = VERDICTS.get(last.status, ("", "")) if last else ("", "")
    card = pending.instrument if pending and isinstance(pending.instrument, Card) else None
    return page(
        template,
        status=UNPROCESSABLE if complaint else 200,
        leads_to=order.request.return_url,
        merchant=bank.config.shown_name,
        amount=shown(order.request.amount),
        order_id=order.request.order_id,
        description=order.request.text("description"),
        here=f"/orders/{order.id}/payment-page",
        seconds_left=max(0, int((order.expires_at - now).total_seconds())),
        attempts=len(order.attempts),
        attempts_max=ATTEMPTS_MAX,
        declined_because=why if last and not last.is_pending else "",
        gave_up=last is not None and last.status is Status.AUTHENTICATION_FAILED,
        methods=offered,
        method=method if method in offered else next(iter(offered), None),
        complaint=complaint,
        banks=BANKS,
        test_expiry=f"12/{(now.year + YEARS_AHEAD) % 100:02d}",
        card=card,
        came_late=order.status is Status.AUTO_REFUNDED,
        refunds=[(refund.status, shown(refund.amount)) for refund in order.refunds],
        can_return=bool(order.request.return_url),
    )


def return_to_merchant(bank: SimulatedBank, order: Order) -> PageAnswer:
    """Send the payer to the merchant by the configured method, or to the page when there is no address."""
    redirect = bank.return_redirect(order)
    if redirect is None:
        return to_page(order)
    if redirect.method is ReturnMethod.GET:
        return Redirect(redirect.url, status_code=SEE_OTHER, headers={"Cache-Control": "no-store"})
    return page(
        "return_form.html",
        leads_to=redirect.action,
        merchant=bank.config.shown_name,
        action=redirect.action,
        fields=redirect.fields,
    )


def to_page(order: Order) -> Redirect:
    return Redirect(f"/orders/{order.id}/payment-page", status_code=SEE_OTHER)


def no_such_page() -> Response[str]:
    return page("missing.html", status=404)


def _typed(form: FormMultiDict, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _chosen(form: FormMultiDict) -> Outcome | None:
    wanted = _typed(form, "outcome")
    return Outcome(wanted) if wanted in set(Outcome) else None


PAYMENT_PAGE: Final = (
    show_page,
    show_page_under_older_names,
    pay_by_upi,
    pay_by_net_banking,
    pay_by_card,
    answer_otp,
    decide_pending,
    leave,
)
