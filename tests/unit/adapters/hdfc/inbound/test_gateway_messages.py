"""The bank's unasked messages: senders are checked first, and what is read is little and bounded."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hdfc.inbound.callback_signature import sign
from adapters.hdfc.inbound.gateway_messages import (
    EVENT_BYTES_MAX,
    EVENT_ID_LENGTH_MAX,
    HdfcMessages,
    SecretHeader,
    WebhookCredentials,
)
from adapters.hdfc.inbound.webhook_signature import BodySignature
from ports.payments.gateway_messages import (
    ForgedMessage,
    GatewayEvent,
    MalformedMessage,
    ReturnClaim,
)
from samples.hdfc.merchant import RESPONSE_KEY, merchant
from samples.hdfc.samples import ORDER, UNHURRIED, raw_sample, sample
from text_vectors import NO_OPAQUE_IDS, OPAQUE_IDS

TODAY = WebhookCredentials(user="hook", password="todays-password")
TOMORROW = WebhookCredentials(user="hook", password="tomorrows:pässword")
SECRET = SecretHeader(name="X-Shulk-Secret", value="made-up-header-value")
MESSAGES = HdfcMessages(settings=merchant(), credentials=(TODAY, TOMORROW))

SIGNED = replace(
    MESSAGES,
    body_signature=BodySignature(header="X-Signature", secrets=("made-up-key", "next-key-ü")),
)
EITHER = replace(SIGNED, secret_header=SECRET, any_proof=True)


def basic(credentials: WebhookCredentials = TODAY, scheme: str = "Basic") -> dict[str, str]:
    pair = f"{credentials.user}:{credentials.password}".encode()
    return {"authorization": f"{scheme} {base64.b64encode(pair).decode()}"}


def event(**changes: object) -> bytes:
    return json.dumps(sample("event_order_succeeded", **changes)).encode()


def returned(**changes: str) -> list[tuple[str, str]]:
    named = {"order_id": ORDER, "status": "CHARGED", "status_id": "21", **changes}
    fields = [(name, value) for name, value in named.items() if value != "missing"]
    signature = sign(fields, RESPONSE_KEY)
    return [*fields, ("signature", signature), ("signature_algorithm", "HMAC-SHA256")]


def test_an_event_behind_a_byte_order_mark_is_read() -> None:
    """
    As whatever is JSON; the signature is over the bytes as they came.
    """
    marked = MESSAGES.read_event(basic(), b"\xef\xbb\xbf" + event())
    plain = MESSAGES.read_event(basic(), event())

    assert replace(marked, body_sha256=plain.body_sha256) == plain


@pytest.mark.parametrize("text", [each for each in OPAQUE_IDS if len(each) <= 64])
def test_any_uuid_is_the_id_of_an_event(text: str) -> None:
    """
    By the rule of every entrance.
    """
    assert text == MESSAGES.read_event(basic(), event(id=text)).id


@pytest.mark.parametrize(
    "text", [each for each in NO_OPAQUE_IDS if not 65 <= len(each) <= EVENT_ID_LENGTH_MAX]
)
def test_a_card_number_is_no_id_of_an_event(text: str) -> None:
    """
    Ids are kept.
    """
    with pytest.raises(MalformedMessage):
        MESSAGES.read_event(basic(), event(id=text))


def test_a_signed_return_is_a_claim() -> None:
    """
    Three fields are claimed, and only claimed.
    """
    expected = ReturnClaim(payment=ORDER, status="CHARGED", status_id=21)

    assert expected == MESSAGES.read_return(returned())
    assert expected == MESSAGES.read_return(returned(ours="1")[::-1])


@pytest.mark.parametrize("name", ["order_id", "status", "status_id"])
@pytest.mark.parametrize("value", ["missing", ""])
def test_a_return_names_its_missing_field(name: str, value: str) -> None:
    """
    A signed return without one of the three cannot be used.
    """
    with pytest.raises(MalformedMessage, match=name):
        MESSAGES.read_return(returned(**{name: value}))


@pytest.mark.parametrize(
    "order", ["ORD20260731A1B2C3D4", ORDER.lower(), ORDER + "A", "../etc", "SK"]
)
def test_a_return_for_an_order_that_cannot_be_ours_is_refused(order: str) -> None:
    """
    Only our own shape of order id goes on to a look-up.
    """
    with pytest.raises(MalformedMessage, match="order_id"):
        MESSAGES.read_return(returned(order_id=order))


@pytest.mark.parametrize("status_id", ["x", "2 1", "1e1", "9" * 1500, "२१"])
def test_a_status_number_that_is_none_is_left_out(status_id: str) -> None:
    """
    The claim is a hint; an odd number in it is no reason to lose the hint.
    """
    assert None is MESSAGES.read_return(returned(status_id=status_id)).status_id


def test_a_forged_return_is_refused() -> None:
    """
    The fields of one return do not pass under the signature of another.
    """
    fields = returned()
    fields[1] = ("status", "AUTHORIZATION_FAILED")

    with pytest.raises(ForgedMessage):
        MESSAGES.read_return(fields)


@pytest.mark.parametrize("credentials", [TODAY, TOMORROW], ids=["today", "tomorrow"])
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_an_event_is_read(credentials: WebhookCredentials, scheme: str) -> None:
    """
    During a rotation both pairs are valid; the body leaves nothing behind but a few words and its hash.
    """
    body = raw_sample("event_order_succeeded")

    assert GatewayEvent(
        id="evt_V2_00112233445566778899aabbccddeeff",
        name="ORDER_SUCCEEDED",
        order=ORDER,
        status="CHARGED",
        status_id=21,
        body_sha256=hashlib.sha256(body).hexdigest(),
        only_sale=True,
    ) == MESSAGES.read_event(basic(credentials, scheme), body)


@pytest.mark.parametrize(
    ("name", "only_sale"),
    [
        *((name, True) for name in ("TXN_CREATED", "TXN_CHARGED", "TXN_FAILED")),
        *((name, True) for name in ("ORDER_CREATED", "ORDER_SUCCEEDED", "ORDER_FAILED")),
        *((name, False) for name in ("ORDER_UPDATED", "ORDER_AUTHORIZED", "ORDER_VOIDED")),
        *((name, False) for name in ("ORDER_PARTIAL_CHARGED", "ORDER_CAPTURE_FAILED")),
        *((name, False) for name in ("REFUND_INITIATED", "ORDER_REFUNDED", "ORDER_REFUND_FAILED")),
        *((name, False) for name in ("AUTO_REFUND_INITIATED", "AUTO_REFUND_SUCCEEDED")),
        *((name, False) for name in ("", "order_succeeded", "ORDER_SUCCEEDED ", "UNHEARD_OF")),
    ],
)
def test_only_six_events_are_old_news_after_a_sale(name: str, only_sale: bool) -> None:  # noqa: FBT001 - a column
    """
    Any other, and any that nobody knows, may tell of money going back.
    """
    assert only_sale is MESSAGES.read_event(basic(), event(event_name=name)).only_sale


def test_a_transaction_event_is_read() -> None:
    """
    Events about an attempt carry the order under another name.
    """
    read = MESSAGES.read_event(basic(), raw_sample("event_txn_charged"))

    assert (read.order, read.status, read.status_id) == (ORDER, "CHARGED", 21)


@pytest.mark.parametrize(
    "content",
    [{}, {"mandate": {}}, {"notification": "FILTERED"}, {"order": "FILTERED"}, {"order": {}}],
)
def test_an_event_about_no_order_is_still_an_event(content: dict[str, Any]) -> None:
    """
    A mandate or a notification is stored and put aside, and not sent again for ever.
    """
    assert MESSAGES.read_event(basic(), event(content=content)).order == ""
    assert MESSAGES.read_event(basic(), raw_sample("event_mandate")).order == ""


def test_an_event_of_a_dispute_is_about_its_order() -> None:
    """
    The order is read because of it, also when it is paid already: the order status tells the dispute.
    """
    told = event(event_name="CHARGEBACK_CREATED", content={"chargeback": {"order_id": "pay-1"}})

    read = MESSAGES.read_event(basic(), told)

    assert read.order == "pay-1"
    assert not read.only_sale


def test_an_event_about_somebody_elses_order_is_still_an_event() -> None:
    """
    Whether an order is ours is not the reader's question.
    """
    assert (
        MESSAGES.read_event(basic(), event(content={"txn": {"order_id": "other-1"}})).order
        == "other-1"
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic é",
        "Bearer aG9vazp0b2RheXMtcGFzc3dvcmQ=",
        "Basic " + base64.b64encode(b"hook:todays-passwor").decode(),
        "Basic " + base64.b64encode(b"hook:todays-password ").decode(),
        "Basic " + base64.b64encode(b"hook").decode(),
        "Basic " + base64.b64encode(b"Hook:todays-password").decode(),
        "Basic " + base64.b64encode(b":").decode(),
        "Basic " + "A" * 100_000,
    ],
)
def test_other_credentials_are_refused(header: str) -> None:
    """
    And they are refused before the body is looked at, however broken that is.
    """
    with pytest.raises(ForgedMessage):
        MESSAGES.read_event({"authorization": header}, b"no JSON at all")


def test_the_sender_is_checked_before_there_is_a_body() -> None:
    """
    What no body could make up for is refused by its headers; where a signature alone is enough, it may follow.
    """
    right = basic()
    signature = {"x-signature": "not looked at yet"}
    secret = {SECRET.name.lower(): SECRET.value}

    MESSAGES.check_sender(right)
    SIGNED.check_sender(right | signature)
    EITHER.check_sender(right | secret)
    EITHER.check_sender(signature)
    for messages, headers in (
        (MESSAGES, {}),
        (MESSAGES, signature),
        (SIGNED, signature),
        (SIGNED, right),
        (EITHER, {}),
        (EITHER, right),
        (replace(EITHER, body_signature=None), signature),
    ):
        with pytest.raises(ForgedMessage):
            messages.check_sender(headers)


def test_without_credentials_nothing_is_read() -> None:
    """
    No header at all is no different from a wrong one.
    """
    with pytest.raises(ForgedMessage):
        MESSAGES.read_event({}, event())


@pytest.mark.parametrize(
    "value", [None, "", "made-up-header-valu", "Made-up-header-value", "é", "\udcff"]
)
def test_a_secret_header_counts_as_much_as_the_credentials(value: str | None) -> None:
    """
    Where one was agreed, right credentials alone are not enough.
    """
    messages = HdfcMessages(settings=merchant(), credentials=(TODAY,), secret_header=SECRET)
    sent = {} if value is None else {"x-shulk-secret": value}

    with pytest.raises(ForgedMessage):
        messages.read_event(basic() | sent, event())
    with pytest.raises(ForgedMessage):
        messages.read_event(basic(TOMORROW) | {"x-shulk-secret": SECRET.value}, event())
    assert messages.read_event(basic() | {"x-shulk-secret": SECRET.value}, event()).order == ORDER


def signature_of(body: bytes, key: str = "made-up-key") -> str:
    return hmac.new(key.encode(), body, "sha256").hexdigest()


def in_base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


@pytest.mark.parametrize("secret", ["made-up-key", "next-key-ü"])
@pytest.mark.parametrize("prefix", ["", "sha256=", " "])
@pytest.mark.parametrize("spelt", [str, str.upper, in_base64])
def test_a_body_signed_by_either_key_is_read(
    secret: str, prefix: str, spelt: Callable[[str], str]
) -> None:
    """
    Hex or base64; two keys are valid during a rotation.
    """
    signature = prefix + spelt(signature_of(event(), secret))

    assert SIGNED.read_event(basic() | {"x-signature": signature}, event()).order == ORDER


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "é",
        "\udcff",
        "sha256=",
        "sha1=" + signature_of(event()),
        signature_of(event())[:-1],
        signature_of(event()) + "0",
        signature_of(event()) * 2,
        signature_of(event()) + ", " + signature_of(event()),
        signature_of(event(), ""),
        signature_of(event(), "made-up-key "),
        signature_of(event() + b" "),
        signature_of(b""),
        in_base64(signature_of(event()))[:-1],
        "A" * 100_000,
    ],
)
def test_a_body_under_another_signature_is_refused(signature: str | None) -> None:
    """
    Right credentials are not enough where a signature was agreed, nor the other way round.
    """
    sent = {} if signature is None else {"x-signature": signature}

    with pytest.raises(ForgedMessage):
        SIGNED.read_event(basic() | sent, event())
    with pytest.raises(ForgedMessage):
        SIGNED.read_event({"x-signature": signature_of(event())}, event())
    with pytest.raises(ForgedMessage):
        EITHER.read_event(sent, event())


def test_the_raw_bytes_are_what_is_signed() -> None:
    """
    The same JSON with one blank more is another body; and a forged body is not even parsed.
    """
    for body in (event().replace(b":", b": ", 1), b"no JSON at all"):
        with pytest.raises(ForgedMessage):
            SIGNED.read_event(basic() | {"x-signature": signature_of(event())}, body)


def test_either_proof_is_enough_where_that_was_agreed() -> None:
    """
    Credentials with their secret header, or the signature; neither of them is still forged.
    """
    proven = {"x-shulk-secret": SECRET.value}
    for sent in (
        basic() | proven,
        {"x-signature": signature_of(event())},
        basic() | {"x-signature": "x"} | proven,
    ):
        assert EITHER.read_event(sent, event()).order == ORDER
    for sent in (
        {},
        basic(),
        proven,
        {"x-signature": signature_of(b"")},
        basic() | {"x-signature": "x"},
    ):
        with pytest.raises(ForgedMessage):
            EITHER.read_event(sent, event())
    with pytest.raises(ForgedMessage):
        replace(EITHER, body_signature=None).read_event(
            {"x-signature": signature_of(event())}, event()
        )


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        ("", ("x",)),
        ("Authorization", ("x",)),
        ("X-Signature", ()),
        ("X-Signature", ("",)),
        ("X-Signature", ("x", "")),
        ("X-Signature", ("x", "y", "z")),
    ],
)
def test_an_empty_key_signs_nothing(header: str, secrets: tuple[str, ...]) -> None:
    """
    An empty setting must not turn into an open door, and three keys are a forgotten rotation.
    """
    with pytest.raises(ValueError, match="sign"):
        BodySignature(header=header, secrets=secrets)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b'{"id":"e","id":"f","event_name":"X","content":{}}',
        event(id=""),
        event(id="e" * 101),
        event(id="e\n"),
        event(id="évt"),
        event(id=None),
        event(id=["e"]),
        event(id="4012 0000 0000 1097"),
        event(event_name=None),
        event(content=None),
        event(content="FILTERED"),
        event(content={"order": {"order_id": "x" * 101}}),
        event(content={"order": {"order_id": "SK\x00"}}),
        event(content={"order": {"order_id": {"a": "b"}}}),
        event(content={"order": {"order_id": "4012000000001097"}}),
        event(more="x" * EVENT_BYTES_MAX),
        b'{"id":"e","event_name":"X","content":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_what_is_no_event_is_named_so(body: bytes) -> None:
    """
    Too large, too deep, ambiguous or without an id: refused, with right credentials too.
    """
    with pytest.raises(MalformedMessage):
        MESSAGES.read_event(basic(), body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (event(id=None), "id"),
        (event(event_name=["x"]), "event_name"),
        (event(content="FILTERED"), "content"),
        (b'{"id":"e","event_name":"X"}', "content is missing"),
        (event(content={"order": {"order_id": "x" * 101}}), "order_id"),
    ],
)
def test_what_is_no_event_names_its_field(body: bytes, said: str) -> None:
    """
    The field is named, its value never.
    """
    with pytest.raises(MalformedMessage, match=rf"\b{said}\b"):
        MESSAGES.read_event(basic(), body)


@UNHURRIED
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.dictionaries(
                st.sampled_from(
                    ["id", "event_name", "content", "order", "txn", "order_id", "status"]
                ),
                inner,
            )
            | st.lists(inner, max_size=3)
        ),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_body_does_more_than_be_refused(body: bytes) -> None:
    """
    Whatever an authenticated sender posts, it is an event or a ``MalformedMessage``.
    """
    with suppress(MalformedMessage):
        assert MESSAGES.read_event(basic(), body).id.isascii()


def test_no_secret_shows_in_a_repr() -> None:
    """
    What ends up in a traceback or a log is no key.
    """
    shown = repr(
        HdfcMessages(settings=merchant(), credentials=(TODAY, TOMORROW), secret_header=SECRET)
    )

    for secret in ("todays", "tomorrows", "made-up", "next-key", RESPONSE_KEY):
        assert secret not in f"{shown} {SIGNED!r}"


@pytest.mark.parametrize(
    "credentials",
    [(), (TODAY, TOMORROW, TODAY, TOMORROW)],
)
def test_one_to_three_pairs_are_valid(credentials: tuple[WebhookCredentials, ...]) -> None:
    """
    None would let nobody in, four are a forgotten rotation.
    """
    with pytest.raises(ValueError, match="rotation"):
        HdfcMessages(settings=merchant(), credentials=credentials)


@pytest.mark.parametrize(("user", "password"), [("", "x"), ("x", ""), ("a:b", "x")])
def test_empty_credentials_are_not_accepted_as_a_setting(user: str, password: str) -> None:
    """
    An empty setting must not turn into an open door.
    """
    with pytest.raises(ValueError, match="webhook"):
        WebhookCredentials(user=user, password=password)


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("x", ""), ("Authorization", "x")])
def test_an_empty_secret_header_is_not_accepted_as_a_setting(name: str, value: str) -> None:
    """
    Nor may it take the place of the credentials.
    """
    with pytest.raises(ValueError, match="header"):
        SecretHeader(name=name, value=value)
