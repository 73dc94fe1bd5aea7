"""The hosted page as a payer walks it, with plain forms: no script is needed to pay."""

import re
from dataclasses import replace

import httpx
import pytest

from entrypoints.simulator.config import ReturnMethod, SimulatorConfig
from simulator.in_process import HandClock, Pauses, StartMerchant
from simulator.merchant import Merchant, WebhookReceiver

CARD = {"number": "4012 0000 0000 1097", "expiry": "12/30", "cvv": "737"}


def led_back(answer: httpx.Response, status: str) -> bool:
    """Tell whether the payer is sent to the merchant under *status*."""
    place = answer.headers.get("location", "")
    return (
        answer.status_code == 303
        and place.startswith("https://pay.example.com/hdfc/return?order_id=ORDER1&")
        and f"&status={status}&" in place
    )


async def test_the_page_says_what_is_to_be_paid(merchant: Merchant, clock: HandClock) -> None:
    """
    Merchant, amount, order, time left, attempts: all readable without a script.
    """
    link = await merchant.payment_page(amount="149999.50", description="Data & Structures")
    clock.forward(minutes=5)

    answer = await merchant.http.get(link)

    assert answer.status_code == 200
    for shown in ("₹1,49,999.50", "ORDER1", "SIMMERCHANT", "0 of 25", 'data-seconds="600"'):
        assert shown in answer.text
    assert "Data &amp; Structures" in answer.text
    assert "Simulator" in answer.text


async def test_the_policy_lets_nothing_foreign_in(merchant: Merchant) -> None:
    """
    One nonce per answer; forms lead here and to the merchant, which the redirect after them needs.
    """
    link = await merchant.payment_page()
    answers = [await merchant.http.get(link) for _ in range(2)]

    policies = [answer.headers["content-security-policy"] for answer in answers]
    nonces = [re.findall(r"'nonce-([^']+)'", policy) for policy in policies]
    assert policies[0].startswith("default-src 'none'; ")
    assert "form-action 'self' https://pay.example.com;" in policies[0]
    assert "frame-ancestors 'none'" in policies[0]
    assert "unsafe" not in policies[0]
    assert set(nonces[0]).isdisjoint(nonces[1])
    assert set(re.findall(r'nonce="([^"]+)"', answers[0].text)) == set(nonces[0])
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answers[0].text)
    assert not re.search(r"\son\w+=|\sstyle=", answers[0].text)


@pytest.mark.parametrize(
    ("form", "typed", "status"),
    [
        ("upi", {"vpa": "success@upi"}, "CHARGED"),
        ("upi", {"vpa": " Success@UPI "}, "CHARGED"),
        ("upi", {"vpa": "failure@upi"}, "AUTHORIZATION_FAILED"),
        ("upi", {"vpa": "asha@okbank"}, "CHARGED"),
        ("upi", {"vpa": "failure@upi", "outcome": "success"}, "CHARGED"),
        ("upi", {"vpa": "success@upi", "outcome": "failure"}, "AUTHORIZATION_FAILED"),
        ("upi", {"vpa": "success@upi", "outcome": "pending"}, "PENDING_VBV"),
        ("nb", {"bank": "NB_AXIS"}, "CHARGED"),
        ("nb", {"bank": "NB_HDFC", "outcome": "failure"}, "AUTHORIZATION_FAILED"),
    ],
)
async def test_the_instrument_or_the_choice_decides(
    merchant: Merchant, form: str, typed: dict[str, str], status: str
) -> None:
    """
    What was chosen on the page wins over what the instrument stands for.
    """
    link = await merchant.payment_page()

    answer = await merchant.http.post(f"{link}/{form}", data=typed)

    assert led_back(answer, status)
    assert (await merchant.status())["status"] == status


@pytest.mark.parametrize(
    "number", ["4012 0000 0000 1097", "5204730541000464", "4012001037141112", "6521525252525251"]
)
async def test_a_card_is_paid_with_its_password(merchant: Merchant, number: str) -> None:
    """
    The documented cards, then 000000; nothing but the tail is left anywhere.
    """
    link = await merchant.payment_page()

    asked = await merchant.http.post(f"{link}/card", data=CARD | {"number": number})
    assert (asked.status_code, asked.headers["location"]) == (303, httpx.URL(link).path)
    assert (await merchant.status())["status"] == "PENDING_VBV"
    page = await merchant.http.get(link)
    assert "One-time password" in page.text

    answer = await merchant.http.post(f"{link}/otp", data={"otp": "000000"})

    assert led_back(answer, "CHARGED")
    everything = str(await merchant.known()) + page.text
    assert number[-4:] in everything
    assert number.replace(" ", "") not in everything.replace(" ", "")
    assert "737" not in str((await merchant.status())["card"])


@pytest.mark.parametrize(
    "typed", [{"otp": "123456"}, {"otp": ""}, {"otp": "000000", "cancel": "1"}]
)
async def test_a_wrong_password_fails_the_attempt(
    merchant: Merchant, typed: dict[str, str]
) -> None:
    """
    So does walking away from it; the gateway has no word for cancelled.
    """
    link = await merchant.payment_page()
    await merchant.http.post(f"{link}/card", data=CARD)

    answer = await merchant.http.post(f"{link}/otp", data=typed)

    assert led_back(answer, "AUTHENTICATION_FAILED")
    assert (await merchant.status())["status_id"] == 26


async def test_a_card_can_be_declined_after_its_password(merchant: Merchant) -> None:
    link = await merchant.payment_page()
    await merchant.http.post(f"{link}/card", data=CARD | {"outcome": "failure"})

    answer = await merchant.http.post(f"{link}/otp", data={"otp": "000000"})

    assert led_back(answer, "AUTHORIZATION_FAILED")


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        ("upi", {"vpa": "asha"}),
        ("upi", {"vpa": "<script>@upi"}),
        ("upi", {}),
        ("nb", {"bank": "NB_NOWHERE"}),
        ("card", CARD | {"number": "4012 0000 0000 1098"}),
        ("card", CARD | {"number": "4012"}),
        ("card", CARD | {"number": "x" * 16}),
        ("card", CARD | {"expiry": "06/26"}),
        ("card", CARD | {"expiry": "13/30"}),
        ("card", CARD | {"expiry": "2030"}),
        ("card", CARD | {"cvv": "12"}),
    ],
)
async def test_a_typing_error_costs_no_attempt(
    merchant: Merchant, form: str, typed: dict[str, str]
) -> None:
    """
    The page comes back with a hint, and never repeats what was typed.
    """
    link = await merchant.payment_page()

    answer = await merchant.http.post(f"{link}/{form}", data=typed)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "4012 0000 0000 1098" not in answer.text
    assert "<script>@" not in answer.text
    assert (await merchant.known())["attempts"] == []


async def test_a_card_is_good_to_the_end_of_its_month(merchant: Merchant) -> None:
    link = await merchant.payment_page()

    answer = await merchant.http.post(f"{link}/card", data=CARD | {"expiry": "07/26"})

    assert answer.status_code == 303


async def test_a_declined_payer_can_try_again(
    merchant: Merchant, receiver: WebhookReceiver
) -> None:
    """
    The link stays good; the page says what happened and counts.
    """
    link = await merchant.payment_page()
    await merchant.http.post(f"{link}/upi", data={"vpa": "failure@upi"})

    page = await merchant.http.get(link)
    assert "Not sufficient funds" in page.text
    assert "1 of 25" in page.text

    assert led_back(await merchant.http.post(f"{link}/upi", data={"vpa": "success@upi"}), "CHARGED")
    await receiver.until(6)
    assert receiver.events[-3:] == ["TXN_CREATED", "TXN_CHARGED", "ORDER_SUCCEEDED"]


async def test_the_25th_failure_is_the_last(merchant: Merchant) -> None:
    link = await merchant.payment_page()
    for _ in range(25):
        await merchant.pay(outcome="failure")

    answer = await merchant.http.post(f"{link}/upi", data={"vpa": "success@upi"})

    assert answer.headers["location"] == httpx.URL(link).path
    assert "No attempts are left" in (await merchant.http.get(link)).text


async def test_a_paid_order_cannot_be_paid_again(merchant: Merchant) -> None:
    link = await merchant.payment_page()
    await merchant.pay()

    answer = await merchant.http.post(f"{link}/upi", data={"vpa": "success@upi"})

    assert answer.headers["location"] == httpx.URL(link).path
    assert "This order is paid" in (await merchant.http.get(link)).text
    assert len((await merchant.known())["attempts"]) == 1


@pytest.mark.parametrize(("form", "typed"), [("upi", {"vpa": "success@upi"}), ("card", CARD)])
async def test_an_expired_link_takes_no_payment(
    merchant: Merchant, clock: HandClock, form: str, typed: dict[str, str]
) -> None:
    """
    To the second: fifteen minutes are over when they are over.
    """
    link = await merchant.payment_page()
    clock.forward(minutes=14, seconds=59)
    assert "How would you like to pay?" in (await merchant.http.get(link)).text
    clock.forward(seconds=1)

    answer = await merchant.http.post(f"{link}/{form}", data=typed)

    assert answer.headers["location"] == httpx.URL(link).path
    assert "has expired" in (await merchant.http.get(link)).text
    assert (await merchant.status())["status"] == "NEW"


async def test_a_password_after_expiry_is_too_late(merchant: Merchant, clock: HandClock) -> None:
    link = await merchant.payment_page()
    await merchant.http.post(f"{link}/card", data=CARD)
    clock.forward(minutes=15)

    answer = await merchant.http.post(f"{link}/otp", data={"otp": "000000"})

    assert led_back(answer, "AUTHENTICATION_FAILED")


async def test_a_pending_payment_can_be_decided_on_the_page(merchant: Merchant) -> None:
    """
    Meanwhile the payer may also choose another way to pay.
    """
    link = await merchant.payment_page()
    await merchant.http.post(f"{link}/upi", data={"vpa": "asha@upi", "outcome": "pending"})
    assert "has not answered yet" in (await merchant.http.get(link)).text
    assert "How would you like to pay?" in (await merchant.http.get(f"{link}?again=1")).text

    answer = await merchant.http.post(f"{link}/decide", data={"outcome": "success"})

    assert led_back(answer, "CHARGED")


async def test_the_payer_may_go_back_unpaid(merchant: Merchant) -> None:
    link = await merchant.payment_page()

    assert led_back(await merchant.http.post(f"{link}/leave"), "NEW")


async def test_without_a_return_address_the_payer_stays(merchant: Merchant) -> None:
    link = await merchant.payment_page(return_url=None)

    answer = await merchant.http.post(f"{link}/upi", data={"vpa": "success@upi"})

    assert answer.headers["location"] == httpx.URL(link).path
    assert "This order is paid" in (await merchant.http.get(link)).text


async def test_a_payment_filter_hides_the_rest(merchant: Merchant) -> None:
    """
    Only what the merchant allows is offered.
    """
    options = [{"paymentMethodType": "UPI", "enable": True}]
    link = await merchant.payment_page(
        payment_filter={"allowDefaultOptions": False, "options": options}
    )

    page = (await merchant.http.get(link)).text

    assert 'id="form-UPI"' in page
    assert 'id="form-CARD"' not in page
    assert 'id="form-NB"' not in page


@pytest.mark.parametrize("place", ["merchant/pay/{}", "merchant/ipay/{}", "payment-page/order/{}"])
async def test_older_addresses_lead_to_the_page(merchant: Merchant, place: str) -> None:
    session = await merchant.create_session()

    answer = await merchant.http.get("/" + place.format(session["id"]))

    assert answer.headers["location"] == f"/orders/{session['id']}/payment-page"


@pytest.mark.parametrize("place", ["", "/upi", "/card", "/nb", "/otp", "/decide", "/leave"])
async def test_an_unknown_link_is_a_page_too(merchant: Merchant, place: str) -> None:
    url = f"/orders/ordeh_0/payment-page{place}"

    answer = await (merchant.http.post(url, data={}) if place else merchant.http.get(url))

    assert answer.status_code == 404
    assert "no such payment" in answer.text


async def test_a_posted_return_submits_itself(
    config: SimulatorConfig, start: StartMerchant
) -> None:
    """
    A form with a button for those without scripts, and one line under a nonce for the others.
    """
    async with start(replace(config, return_method=ReturnMethod.POST)) as merchant:
        link = await merchant.payment_page()
        answer = await merchant.http.post(f"{link}/upi", data={"vpa": "success@upi"})

    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    assert answer.status_code == 200
    assert 'action="https://pay.example.com/hdfc/return"' in answer.text
    assert fields["status"] == "CHARGED"
    assert len(fields["signature"]) == 44
    assert re.search(r'<button[^>]*type="submit"', answer.text)
    nonce = re.search(r'<script nonce="([^"]+)"', answer.text)
    assert nonce is not None
    assert f"'nonce-{nonce[1]}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("amount", "status"),
    [("499.99", "CHARGED"), ("500", "AUTHORIZATION_FAILED"), ("699.99", "AUTHORIZATION_FAILED")],
)
async def test_the_amount_decides_when_asked_to(
    config: SimulatorConfig, start: StartMerchant, amount: str, status: str
) -> None:
    """
    The dummy gateway's rule, only where neither choice nor instrument says anything.
    """
    async with start(replace(config, amount_rule=True)) as merchant:
        link = await merchant.payment_page(amount=amount)
        answer = await merchant.http.post(f"{link}/upi", data={"vpa": "asha@okbank"})
        assert led_back(answer, status)

        link = await merchant.payment_page("ORDER2", amount=amount)
        await merchant.http.post(f"{link}/upi", data={"vpa": "success@upi"})
        assert (await merchant.status("ORDER2"))["status"] == "CHARGED"


async def test_a_large_amount_is_pending_first_and_charged_later(
    config: SimulatorConfig, receiver: WebhookReceiver, pauses: Pauses, start: StartMerchant
) -> None:
    async with start(replace(config, amount_rule=True)) as merchant:
        link = await merchant.payment_page(amount="700")
        answer = await merchant.http.post(f"{link}/upi", data={"vpa": "asha@okbank"})
        assert led_back(answer, "PENDING_VBV")
        await receiver.until(3)
        assert (await merchant.status())["status"] == "CHARGED"

    assert pauses.taken == [20.0]
