"""Hostile webhooks: strangers, forgers, the bank's own voice telling lies, and what is no event at all."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from samples.hdfc.samples import sample
from samples.hostile.entry import (
    CARD,
    CARDS,
    FORGED,
    KEPT,
    MALFORMED,
    NOBODYS,
    PASSWORD,
    SOLD,
    UNPAID,
    USER,
    WEBHOOK,
    Entry,
    Headers,
    basic,
    by_the_bank,
    named,
)

TOO_LARGE: Final = frozenset({413})
BODY_BYTES: Final = 1024 * 1024 + 1
PAIR: Final = f"{USER}:{PASSWORD}"

CREDENTIALS: Final[Mapping[str, bytes]] = {
    "empty": b"",
    "the scheme alone": b"Basic",
    "the scheme and a space": b"Basic ",
    "not base64": b"Basic !!!!",
    "no colon": b"Basic " + base64.b64encode(b"hook"),
    "a colon alone": b"Basic " + base64.b64encode(b":"),
    "an empty user": basic(user=""),
    "an empty password": basic(password=""),
    "another user": basic(user="hooks"),
    "another password": basic(password="made-up"),
    "the user in upper case": basic(user=USER.upper()),
    "the password in upper case": basic(password=PASSWORD.upper()),
    "the password a letter short": basic(password=PASSWORD[:-1]),
    "the password a letter long": basic(password=f"{PASSWORD}x"),
    "the password up to its colon": basic(password=PASSWORD.partition(":")[0]),
    "a space after the password": basic(password=f"{PASSWORD} "),
    "a NUL after the password": basic(password=f"{PASSWORD}\x00"),
    "a line end after the password": basic(password=f"{PASSWORD}\n"),
    "user and password exchanged": basic(user="made-up-pässword", password=f"with-a-colon:{USER}"),
    "in Latin-1": basic(encoding="latin-1"),
    "in UTF-16": basic(encoding="utf-16"),
    "in base64 twice": b"Basic " + base64.b64encode(base64.b64encode(PAIR.encode())),
    "without base64": b"Basic " + PAIR.encode(),
    "the password's own letters, composed otherwise": basic(
        password=PASSWORD.replace("ä", "a\u0308")
    ),
    "bearer": b"Bearer " + base64.b64encode(PAIR.encode()),
    "digest": b"Digest username=hook",
    "no scheme": base64.b64encode(PAIR.encode()),
    "raw bytes": b"Basic \xff\xfe\xfd",
    "a NUL": b"Basic \x00",
    "without end": b"Basic " + b"A" * 60_000,
    "SQL": basic(user="' OR 1=1 --", password="x"),
    "the right ones behind others": b"Basic eDp5, " + basic(),
}
OTHER_HEADERS: Final[Mapping[str, Headers]] = {
    "none": (),
    "for a proxy": ((b"proxy-authorization", basic()),),
    "in a cookie": ((b"cookie", b"authorization=" + base64.b64encode(PAIR.encode())),),
    "in a header of another name": ((b"x-authorization", basic()),),
    "two right ones": ((b"authorization", basic()), (b"authorization", basic())),
    "a right one and a wrong one": (
        (b"authorization", basic()),
        (b"authorization", basic(password="x")),
    ),
    "a wrong one and a right one": (
        (b"authorization", basic(password="x")),
        (b"authorization", basic()),
    ),
}


def event(order: str = UNPAID, name: str = "ORDER_SUCCEEDED", **changes: Any) -> dict[str, Any]:
    """Return an event as the bank sends it, about *order*, with *changes* laid over its order."""
    body = sample("event_order_succeeded", event_name=name)
    body["content"]["order"] |= {"order_id": order, **changes}
    meaning = json.dumps([order, name, changes], sort_keys=True)
    body["id"] = f"evt_{hashlib.sha256(meaning.encode()).hexdigest()[:32]}"
    return body


def raw(**changes: object) -> bytes:
    """Return the bytes of an event with its own fields changed."""
    return json.dumps({**event(), **changes}).encode()


GENUINE: Final = json.dumps(event()).encode()
NO_EVENTS: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "a space": b" ",
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a text": b'"CHARGED"',
    "a list": b"[]",
    "an empty object": b"{}",
    "a list of events": b"[" + GENUINE + b"]",
    "two events": GENUINE + GENUINE,
    "two lines": GENUINE + b"\n" + GENUINE,
    "two byte order marks": b"\xef\xbb\xbf" * 2 + GENUINE,
    "UTF-16": GENUINE.decode().encode("utf-16"),
    "UTF-32": GENUINE.decode().encode("utf-32"),
    "no UTF-8": GENUINE.replace(b"CHARGED", b"CH\xffRGED"),
    "overlong UTF-8": GENUINE.replace(b"CHARGED", b"\xc0\xaf"),
    "a raw NUL": GENUINE.replace(b"CHARGED", b"CH\x00RGED"),
    "a raw line end": GENUINE.replace(b"CHARGED", b"CH\nRGED"),
    "single quotes": GENUINE.replace(b'"', b"'"),
    "a comment": b"/* */" + GENUINE,
    "a comma too many": GENUINE[:-1] + b",}",
    "not a number": GENUINE.replace(b"2359.5", b"NaN"),
    "infinity": GENUINE.replace(b"2359.5", b"-Infinity"),
    "a form": b"order_id=SKUNPAIDUNPAIDUNPAID&status=CHARGED",
    "XML": b"<?xml version='1.0'?><event/>",
    "XML with entities": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "packed": b"\x1f\x8b\x08" + GENUINE,
    "lists without end": b"[" * 100_000,
    "objects without end": b'{"a":' * 50_000,
    "lists that end": raw(more="deep").replace(b'"deep"', b"[" * 5000 + b"]" * 5000),
    "objects that end": raw(more="deep").replace(b'"deep"', b'{"a":' * 30 + b"1" + b"}" * 30),
    "depth inside the order": GENUINE.replace(b'"FILTERED"', b"[" * 30 + b"]" * 30, 1),
    "the same id twice": b'{"id":"a",' + GENUINE[1:],
    "the same order id twice": GENUINE.replace(b'"order_id"', b'"order_id":"x","order_id"', 1),
    "a key twice, once escaped": b'{"\\u0069d":"a",' + GENUINE[1:],
    "no id": raw(id=None),
    "an empty id": raw(id=""),
    "an id that is a card number, as a number": raw(id=int(CARD)),
    "an id that is a list": raw(id=["a"]),
    "an id that is an object": raw(id={"$ne": ""}),
    "an id too long": raw(id="e" * 101),
    "an id with a NUL": raw(id="e\x00"),
    "an id with a line end": raw(id="e\n"),
    "an id in other letters": raw(id="évt"),
    "an id that is a card number": raw(id=CARD),
    "an id that is a card number with spaces": raw(id="4012 0000 0000 1097"),
    "an id that is a card number with hyphens": raw(id="4012-0000-0000-1097"),
    "no name": raw(event_name=None),
    "a name that is a list": raw(event_name=["ORDER_SUCCEEDED"]),
    "no content": raw(content=None),
    "content that is a list": raw(content=[]),
    "content that is a text": raw(content="FILTERED"),
    "an order id that is an object": raw(content={"order": {"order_id": {"a": "b"}}}),
    "an order id that is a card number, as a number": raw(
        content={"order": {"order_id": int(CARD)}}
    ),
    "an order id too long": raw(content={"order": {"order_id": "S" * 101}}),
    "an order id with a NUL": raw(content={"order": {"order_id": "SK\x00"}}),
    "an order id in other letters": raw(content={"order": {"order_id": "ＳＫ"}}),
    "an order id that is a card number": raw(content={"order": {"order_id": CARD}}),
    "half a surrogate in the order id": raw(content={"order": {"order_id": "SK\ud800"}}),
}
"""With the bank's own credentials; all are malformed, and none is kept."""

FILTERED: Final = (
    *("card", "payment_links", "txn_detail", "payment_gateway_response", "metadata"),
    *("additional_info", "offers", "refunds", "customer_email", "amount", "currency"),
)
LIES: Final[Mapping[str, dict[str, Any]]] = {
    "charged": event(),
    "charged by its attempt": {**event(name="TXN_CHARGED"), "id": "evt_attempt"},
    "charged with another amount": event(amount=1),
    "charged with an amount without end": event(amount=10**400),
    "charged with a negative amount": event(amount=-2359.5),
    "charged in dollars": event(currency="USD"),
    "charged by its number alone": event(status="NEW"),
    "charged by its word alone": event(status_id=10),
    "charged in lower case": event(status="charged"),
    "charged in look-alike letters": event(status="СHARGED"),
    "declined": event(name="ORDER_FAILED", status="AUTHORIZATION_FAILED", status_id=27),
    "a word nobody knows": event(status="SOLD_OUT", status_id=99),
    "a number that is a text": event(status_id="21"),
    "a number that is none": event(status_id={"a": 1}),
    "a number without end": event(status_id=int("9" * 300)),
    "a status that is a script": event(status="<script>alert(1)</script>"),
    "a status without end": event(status="C" * 100_000),
    "a status that breaks a line": event(status='CHARGED"}\n{"level":"info"'),
    "a status that is a card number": event(status=CARD),
    "a name that is a card number": event(name=CARD),
    "a name without end": event(name="N" * 100_000),
    "a name nobody knows": event(name="ORDER_DANCED"),
    "nobody's order": event(NOBODYS),
    "an order of another shop": event("other-shop-1"),
    "an order that is SQL": event("SK'; DROP TABLE payment; --"),
    "the sold one failed": event(SOLD, "ORDER_FAILED", status="AUTHORIZATION_FAILED", status_id=27),
    "the sold one again": event(SOLD),
    "the sold one refunded": event(SOLD, "ORDER_REFUNDED", refunded=True, amount_refunded=2359.5),
    "the sold one refunded by itself": event(
        SOLD, "AUTO_REFUND_SUCCEEDED", status="AUTO_REFUNDED", status_id=36
    ),
    "the sold one voided": event(SOLD, "ORDER_VOIDED", status="VOIDED", status_id=31),
    **{f"FILTERED for {name}": event(**{name: "FILTERED"}) for name in FILTERED},
    "FILTERED for the order": {**event(), "id": "evt_filtered", "content": {"order": "FILTERED"}},
    "nothing for the content": {**event(), "id": "evt_nothing", "content": {}},
    "an id that is a number": {**event(), "id": 7},
    "an order that is a number": {
        **event(),
        "id": "evt_number",
        "content": {"order": {"order_id": 40}},
    },
    "a mandate": {**event(), "id": "evt_mandate", "content": {"mandate": {"order_id": UNPAID}}},
    **{
        f"a card number in {place}": event(**{place: card})
        for place, card in zip(
            ("udf1", "payment_method", "customer_id", "description"), CARDS, strict=True
        )
    },
    "a whole card": event(card={"card_number": CARD, "cvv": "123", "expiry_year": "2031"}),
    "a card number for a key": event(more={CARD: "1", f"card {CARD}": {"of": CARD}}),
    "a card number that is a number": event(udf2=int(CARD), amount=int(CARD)),
    "a card number in other digits": event(
        udf3=CARD.translate({48 + n: 0x966 + n for n in range(10)})
    ),
    "a card number with spaces": event(udf4="4012 0000 0000 1097", status="4012 0000 0000 1097"),
    "a card number beside the content": {**event(), "id": "evt_beside", "card_number": CARD},
}
"""With the bank's own credentials; kept, looked into, and found to be nothing."""


def webhooks() -> list[Entry]:
    """Return every hostile webhook."""
    return named([*_strangers(), *_no_events(), *_lies()], "webhook")


def _strangers() -> Iterator[Entry]:
    for name, value in CREDENTIALS.items():
        yield _sent(f"credentials: {name}", GENUINE, FORGED, ((b"authorization", value),))
    for name, headers in OTHER_HEADERS.items():
        yield _sent(f"credentials: {name}", GENUINE, FORGED, headers)
    yield Entry(
        name="credentials: in the address",
        method="POST",
        path=WEBHOOK,
        query=b"user=hook&password=made-up",
        body=GENUINE,
        answers=FORGED,
    )
    yield _sent("a stranger's nonsense", b"[" * 100_000, FORGED, ())
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        yield Entry(
            name=f"by {method}",
            method=method,
            path=WEBHOOK,
            headers=by_the_bank(),
            body=GENUINE,
            answers=frozenset({405}),
        )


def _no_events() -> Iterator[Entry]:
    for name, body in NO_EVENTS.items():
        yield _sent(f"no event: {name}", body, MALFORMED)
    for share in range(1, 20):
        cut = GENUINE[: len(GENUINE) * share // 20]
        yield _sent(f"no event: cut at {share * 5} %", cut, MALFORMED)
    yield replace(_sent("no event: broken off", GENUINE, MALFORMED), broken_off=True)
    yield replace(_sent("no event: broken off at once", b"", MALFORMED), broken_off=True)
    yield _sent("no event: without end", b'{"id":"' + b"e" * BODY_BYTES, TOO_LARGE)


def _lies() -> Iterator[Entry]:
    for name, said in LIES.items():
        yield _sent(f"lie: {name}", json.dumps(said).encode(), KEPT)
    for copy in range(1, 4):
        yield _sent(f"lie: charged, copy {copy}", GENUINE, KEPT)
    yield _sent("lie: charged, behind a byte order mark", b"\xef\xbb\xbf" + GENUINE, KEPT)
    yield _sent("lie: charged, with other spaces", json.dumps(event(), indent=1).encode(), KEPT)
    for media in (b"text/plain", b"text/xml", b"application/x-www-form-urlencoded", b""):
        headers = ((b"authorization", basic()), (b"content-type", media))
        yield _sent(f"lie: charged, as {media.decode() or 'nothing'}", GENUINE, KEPT, headers)
    packed = by_the_bank((b"content-encoding", b"gzip"))
    yield _sent("lie: charged, called packed", GENUINE, KEPT, packed)


def _sent(name: str, body: bytes, answers: frozenset[int], headers: Headers | None = None) -> Entry:
    return Entry(
        name=name,
        method="POST",
        path=WEBHOOK,
        headers=by_the_bank() if headers is None else headers,
        body=body,
        answers=answers,
    )
